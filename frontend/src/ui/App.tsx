import { useEffect } from 'preact/hooks';
import { api } from '../api/client';
import { account, online } from '../app/state';
import { t } from '../i18n';
import { Console } from './Console';
import { SignIn } from './SignIn';

export function App() {
  useEffect(() => void whoAmI(), []);
  if (account.value === undefined) {
    return (
      <main class="centre" aria-busy={online.value}>
        {online.value ? (
          <p>{t('loading')}</p>
        ) : (
          <>
            <p role="alert">{t('error.offline')}</p>
            <button type="button" class="primary" onClick={() => void whoAmI()}>
              {t('retry')}
            </button>
          </>
        )}
      </main>
    );
  }
  return account.value ? <Console /> : <SignIn />;
}

/** Finds out whether a session is still good. No answer leaves it open, so that a page can wait for its server. */
async function whoAmI() {
  try {
    const { data, response } = await api.GET('/api/v1/session');
    if (data) account.value = data;
    else if (response.status === 401) account.value = null;
  } catch {
    // The client has noted that the server cannot be reached.
  }
}
