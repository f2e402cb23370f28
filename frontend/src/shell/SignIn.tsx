import { useSignal } from '@preact/signals';
import { api } from '../api/client';
import { t as common } from '../i18n';
import { choose, lang } from './prefs';
import { account } from './session';
import { t } from './text';

type Problem = 'signin.failed' | 'signin.limited' | 'error.offline' | 'error.server';

export function SignIn() {
  const problem = useSignal<Problem | null>(null);
  const busy = useSignal(false);

  async function submit(event: SubmitEvent) {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    busy.value = true;
    try {
      const { data, response } = await api.POST('/api/v1/session', {
        body: { account: String(form.get('account')), password: String(form.get('password')) },
      });
      if (data) account.value = data;
      else problem.value = reason(response.status);
    } catch {
      problem.value = 'error.offline';
    }
    busy.value = false;
  }

  return (
    <main class="centre">
      <form class="panel sign-in" onSubmit={submit}>
        <h1>
          <img src="/icon.svg" alt="" /> {t('app.title')}
        </h1>
        <label>
          {t('signin.account')}
          <input name="account" autocomplete="username" required autofocus />
        </label>
        <label>
          {t('signin.password')}
          <input name="password" type="password" autocomplete="current-password" required />
        </label>
        {problem.value && (
          <p class="problem" role="alert">
            {words(problem.value)}
          </p>
        )}
        <button type="submit" class="primary" disabled={busy.value}>
          {t('signin.submit')}
        </button>
        <button
          type="button"
          class="plain"
          onClick={() => choose({ lang: lang.value === 'zh' ? 'en' : 'zh' })}
        >
          {t('view.language')}
        </button>
      </form>
    </main>
  );
}

function words(p: Problem): string {
  return p === 'error.offline' || p === 'error.server' ? common(p) : t(p);
}

function reason(status: number): Problem {
  if (status === 401) return 'signin.failed';
  return status === 429 ? 'signin.limited' : 'error.server';
}
