// Theme and sign-out, beside each other at the end of the sidebar.
import { useNavigate } from '@solidjs/router';
import { isRenewable, session, signOut } from '../api/session.ts';
import { Icon } from '../parts/icon.tsx';
import { logoutAddress, revoke } from '../sign-in/cognito.ts';
import { chooseTheme, nextTheme, theme } from './theme.ts';

const icons = { system: 'screen', light: 'sun', dark: 'moon' } as const;
const words = { system: 'System theme', light: 'Light theme', dark: 'Dark theme' } as const;

export const ThemeButton = () => (
  <button
    type="button"
    class="button quiet icon-only"
    title={`${words[theme()]} (press to change)`}
    aria-label={`${words[theme()]}, change`}
    data-testid="theme"
    onClick={() => chooseTheme(nextTheme(theme()))}
  >
    <Icon name={icons[theme()]} />
  </button>
);

export const SignOutButton = () => {
  const navigate = useNavigate();
  return (
    <button
      type="button"
      class="button quiet icon-only"
      title="Sign out"
      aria-label="Sign out"
      onClick={() => {
        const ended = session();
        signOut();
        if (!isRenewable(ended)) {
          navigate('/sign-in');
          return;
        }
        // The hosted pages remember the person, too: without this, the next sign-in would ask for nothing.
        revoke(ended);
        location.assign(logoutAddress(ended.cognito, location.origin));
      }}
    >
      <Icon name="out" />
    </button>
  );
};
