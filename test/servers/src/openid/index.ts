export {
	type BuildTokenRequest,
	type OpenidProvider,
	type OpenidProviderOptions,
	openidAudience,
	openidClient,
	startOpenidProvider,
} from './openid-provider.ts';
