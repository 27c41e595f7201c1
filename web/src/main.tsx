// Entry of the dashboard.
import { render } from 'solid-js/web';
import { App } from './app.tsx';

const place = document.querySelector('#app');
if (place === null) throw new Error('the page has no place for the dashboard');
render(() => <App />, place);
