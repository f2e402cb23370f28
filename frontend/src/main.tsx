import { render } from 'preact';
import { registerPageFonts } from './map/fonts';
import { App } from './ui/App';
import './tokens.css';
import './page.css';

registerPageFonts();
const root = document.getElementById('app');
if (root) render(<App />, root);
