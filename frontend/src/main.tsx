import { render } from 'preact';
import { registerPageFonts } from './map/pageFonts';
import { App } from './ui/App';
import './tokens.css';
import './page.css';

void registerPageFonts();
const root = document.getElementById('app');
if (root) render(<App />, root);
