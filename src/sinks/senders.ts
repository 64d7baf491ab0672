import type { SinkSettings } from '../config/sink-settings.ts';
import { createSmtpSender } from './email/smtp-sender.ts';
import { createHttpSender, type SenderOptions } from './http/http-sender.ts';
import type { Sender } from './sender.ts';

/** Returns what delivers events to a receiver. It opens no connection before the first event. */
export function createSender(settings: SinkSettings, options: SenderOptions): Sender {
  return settings.type === 'email'
    ? createSmtpSender(settings, options)
    : createHttpSender(settings, options);
}
