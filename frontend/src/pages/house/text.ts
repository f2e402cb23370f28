import { texts } from '../../i18n';
import type { Class } from './colouring';
import en from './en.json';
import zh from './zh.json';

export const t = texts(zh, en);

/** What a class of rooms is called. */
export const className = (c: Class) => t(`class.${c}`);
/** The one character that stands for it in a cell. */
export const classMark = (c: Class) => t(`mark.${c}`);
