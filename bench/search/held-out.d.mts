export declare const heldOut: typeof import('./functions.mjs').functions;
