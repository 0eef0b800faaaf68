import type {RouteContext} from '@stowage/core';
import {answerJson} from './answers.ts';

/** Standalone: there is no index besides, so that engines send their credentials here. */
export function ping(context: RouteContext): void {
	context.set('X-Docker-Registry-Standalone', 'True');
	answerJson(context, 200, {});
}

/** What `docker login` asks: the gate has found the credentials right. */
export function checkLogin(context: RouteContext): void {
	answerJson(context, 200, 'OK');
}

/**
 * `docker login` tries to make an account first, and takes exactly this answer for one that is there already: it then asks
 * whether the password is right. Accounts are made by administrators.
 */
export function refuseRegistration(context: RouteContext): void {
	answerJson(context, 400, 'Username or email already exists');
}
