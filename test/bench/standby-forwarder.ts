/** Passes connections on, from a port of the loopback to another address. Usage: PORT ADDRESS PORT */
import { connect, createServer } from 'node:net';

const [port, host, to] = process.argv.slice(2);
createServer((client) => {
  const server = connect({ host, port: Number(to), noDelay: true });
  client.setNoDelay();
  client
    .on('error', () => server.destroy())
    .pipe(server)
    .on('error', () => client.destroy())
    .pipe(client);
}).listen(Number(port), '127.0.0.1', () => process.stdout.write('listening\n'));
