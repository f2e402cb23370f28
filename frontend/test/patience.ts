// A wait for a thing ends when it is there; on a busy machine that takes longer than the library's usual second.
import { configure } from '@testing-library/preact';

configure({ asyncUtilTimeout: 30_000 });
