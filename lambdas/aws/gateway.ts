import type { Gateway } from '../../chat/ports.ts';
import { isServerError, isThrottled, isUnanswered, statusOf } from '../../store/aws-error.ts';
import { describe, log } from '../runtime/log.ts';
import { count } from '../runtime/metrics.ts';
import type { ManagementApi } from './management-api.ts';

/** The `Gateway` port on API Gateway's management API. */
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
        // If this fails, the connection is unbound next: its messages stay pending until the client logs in again.
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
 * Logs the API's error. One that no retry can fix (400, 403, 413) is our bug, and an alarm reports it. It affects this
 * connection only: the message is marked pending for its user, and everybody else gets it.
 * @throws the error if it came from neither the API nor the network, but from this program
 */
function report(what: string, connectionId: string, error: unknown): void {
  const passes = isThrottled(error) || isServerError(error) || isUnanswered(error);
  if (!passes && statusOf(error) === undefined) throw error;
  if (!passes) count('Failures.internal_error');
  log(passes ? 'warn' : 'error', what, { connection_id: connectionId, error: describe(error) });
}
