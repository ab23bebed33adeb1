import type { Gateway } from '../../chat/ports.ts';
import { isServerError, isThrottled, isUnanswered, statusOf } from '../../store/aws-error.ts';
import { describe, log } from '../runtime/log.ts';
import { count } from '../runtime/metrics.ts';
import type { ManagementApi } from './management-api.ts';

/** The clients as API Gateway's management API reaches them. */
export function gatewayOf(api: ManagementApi): Gateway {
  return {
    async post(connectionId, frame) {
      try {
        await api('POST', connectionId, frame);
        return 'taken';
      } catch (error) {
        if (isGone(error)) return 'gone';
        report('post failed', connectionId, error);
        return isThrottled(error) ? 'throttled' : 'failed';
      }
    },

    async close(connectionId) {
      try {
        await api('DELETE', connectionId);
      } catch (error) {
        // Else it is unbound next, so its client will have to log in again, and is owed until then.
        if (!isGone(error)) report('close failed', connectionId, error);
      }
    },

    async isOpen(connectionId) {
      try {
        await api('GET', connectionId);
        return true;
      } catch (error) {
        if (isGone(error)) return false;
        report('look failed', connectionId, error);
        return true;
      }
    },
  };
}

const isGone = (error: unknown): boolean => statusOf(error) === 410;

/**
 * Logs what the API answered. An answer that a retry cannot mend (400, 403, 413) is a mistake of ours, which an alarm
 * shows; even so it is the one connection's alone: its user is owed, and everybody else gets the message.
 * @throws the error if it is no answer and no failure of the network, but one of this program
 */
function report(what: string, connectionId: string, error: unknown): void {
  const passes = isThrottled(error) || isServerError(error) || isUnanswered(error);
  if (!passes && statusOf(error) === undefined) throw error;
  if (!passes) count('Failures.internal_error');
  log(passes ? 'warn' : 'error', what, { connection_id: connectionId, error: describe(error) });
}
