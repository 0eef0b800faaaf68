import {bundleProgram} from './bundle-program.ts';

await bundleProgram({afresh: process.argv.includes('--afresh')});
