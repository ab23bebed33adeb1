import { InvokeCommand, LambdaClient, type LambdaClientConfig } from '@aws-sdk/client-lambda';

// This machine's Node may be older than Lambda's; hide the SDK's warning about that from administrators.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

/** A reply of the server API; a failure has a `code` and a `reason`. */
export type Reply = Readonly<Record<string, unknown>> & { code?: string; reason?: string };

/** The server API of one service. */
export interface ServerApi {
  /**
   * Makes one call, once.
   * @param call `{"as":…,"request":{…}}` as JSON
   * @throws Error if it can't be made, or its outcome is unknown
   */
  call(call: string): Promise<Reply>;
  close(): void;
}

/** @param functionName the stack's output `ApiFunction` @param config of Lambda's client; without, that of the environment */
export function serverApi(functionName: string, config: LambdaClientConfig = {}): ServerApi {
  // A repeat may do it twice.
  const client = new LambdaClient({ ...config, maxAttempts: 1 });
  return {
    async call(call) {
      const { Payload, FunctionError } = await client.send(
        new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(call) }),
      );
      const said = Buffer.from(Payload ?? []).toString();
      if (FunctionError !== undefined) throw new Error(`The server API failed: ${said}`);
      return JSON.parse(said) as Reply;
    },
    close: () => client.destroy(),
  };
}
