import { helpOpen } from '../app/state';
import { type Key, t } from '../i18n';

const keys: [string, Key][] = [
  ['/', 'help.search'],
  ['1 – 5', 'help.grades'],
  ['L', 'help.list'],
  ['F', 'help.full'],
  ['Esc', 'help.close'],
];

export function Help() {
  return (
    <section class="card help" aria-label={t('view.help')}>
      <header>
        <h2>{t('view.help')}</h2>
        <button
          type="button"
          class="plain"
          aria-label={t('close')}
          onClick={() => {
            helpOpen.value = false;
          }}
        >
          ✕
        </button>
      </header>
      <dl>
        {keys.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{t(what)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
