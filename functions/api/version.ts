/** Of this Graft; test/functions/version.test.ts holds it to package.json, which a bundle does not carry. */
export const version = '0.1.0';
