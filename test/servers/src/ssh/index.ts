export {PasswordServer, type PasswordServerOptions} from './password-server.ts';
export {SftpServer, type SftpServerOptions} from './sftp-server.ts';
