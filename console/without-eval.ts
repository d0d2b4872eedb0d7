/** Imported before any contract: zod would try `new Function`, which the page's Content-Security-Policy reports. */
import { config } from 'zod';

config({ jitless: true });
