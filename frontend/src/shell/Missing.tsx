import { Icon } from '../ui/Icon';
import { wallPath } from './route';
import { account } from './session';
import { t } from './text';

/** For a path that names nothing, or nothing that the account may see: the two look alike on purpose. */
export function Missing() {
  return (
    <main class="centre missing">
      <h1>{t('missing.title')}</h1>
      <p class="dim">{t('missing.hint')}</p>
      {account.value && (
        <a class="primary" href={wallPath(account.value.code)}>
          <Icon name="home" /> {t('missing.home')}
        </a>
      )}
    </main>
  );
}
