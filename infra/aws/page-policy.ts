// What a page of the dashboard may load and connect to when CloudFront serves it. The browser tests hold the dashboard to the same policy.

/** The Content-Security-Policy. `connectsTo`: origins besides the page's own, which on AWS are the WebSocket API and the sign-in pages. */
export const pagePolicy = (connectsTo: readonly string[]): string =>
  [
    "default-src 'self'",
    ["connect-src 'self'", ...connectsTo].join(' '),
    "img-src 'self' data:",
    "style-src 'self' 'unsafe-inline'",
    "worker-src 'self' blob:",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ].join('; ');
