import { texts } from '../../i18n';
import en from './en.json';
import zh from './zh.json';

export const t = texts(zh, en);
