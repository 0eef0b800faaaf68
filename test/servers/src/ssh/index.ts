export {SftpServer, type SftpServerOptions} from './sftp-server.ts';
