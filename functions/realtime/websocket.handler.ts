// The WebSocket API on Lambda: one function for $connect, $disconnect and $default.
import { lambda } from '../api/lambda.ts';
import { createSocketHandler } from './realtime.ts';

export const handler = lambda(createSocketHandler);
