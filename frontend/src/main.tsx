import { render } from 'preact';
import { registerPageFonts } from './map/pageFonts';
import { App } from './shell/App';
import { listenForKeys } from './shell/keys';
import { syncUrl } from './shell/params';
import { catchLinks } from './shell/route';
import { runClock } from './ui/now';
import './tokens.css';
import './shell/base.css';
import './shell/shell.css';
import './ui/ui.css';

void registerPageFonts();
syncUrl();
catchLinks();
listenForKeys();
runClock();
const root = document.getElementById('app');
if (root) render(<App />, root);
