/** Programs that a configuration can be printed for. */
export const proxyPrograms = ['nginx', 'apache', 'caddy'] as const;

export type ProxyProgram = (typeof proxyPrograms)[number];
