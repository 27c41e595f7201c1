// Entry of the dashboard.
import { render } from 'solid-js/web';
import { z } from 'zod';
import { App } from './app.tsx';

// The content security policy forbids making code at run time; without this zod would try it and leave a report.
z.config({ jitless: true });

const place = document.querySelector('#app');
if (place === null) throw new Error('the page has no place for the dashboard');
render(() => <App />, place);
