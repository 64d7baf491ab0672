import { openNotifySocket } from './notify-socket.ts';
import { ServiceManager, watchdogMsOf } from './service-manager.ts';

/**
 * Returns the service manager that started this process, if it wants to be told how it is ($NOTIFY_SOCKET); `say`
 * takes sentences for people on why it cannot be told.
 */
export async function connectServiceManager(
  env: Readonly<Record<string, string | undefined>>,
  say: (sentence: string) => void,
): Promise<ServiceManager | undefined> {
  const { NOTIFY_SOCKET: address = '' } = env;
  if (address === '') return undefined;
  const socket = await openNotifySocket(address);
  if (!socket.ok) {
    say(socket.problem);
    return undefined;
  }
  return new ServiceManager({
    send: socket.send,
    watchdogMs: watchdogMsOf(env, process.pid),
    monotonic: () => Number(process.hrtime.bigint()) / 1e6,
    onFailure: (code) =>
      say(
        `The service manager takes no notifications at $NOTIFY_SOCKET (${address}): ${code}. It may take the program for not started, or for dead; see that the socket exists and may be written to.`,
      ),
  });
}
