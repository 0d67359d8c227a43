/** A JSON value, as it crosses the border between a flow and a function. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
