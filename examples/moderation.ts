// Asks a moderation model about each message before it is stored. See docs/before-send.md.
// It speaks OpenAI's protocol for it, which others speak, too. Its environment has the model's key,
// and its address if it is another: npm start -- -c beforeSend=examples/moderation.ts -c beforeSendEnv=MODERATION_KEY

interface Result {
  flagged: boolean;
  categories: Record<string, boolean>;
}

// Less than `beforeSendTimeout`, so that the error below is in this function's log.
const PATIENCE_MS = 2_500;

export async function handler({ content }: { content: string }) {
  const { MODERATION_URL = 'https://api.openai.com/v1/moderations', MODERATION_KEY = '' } = process.env;
  const response = await fetch(MODERATION_URL, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${MODERATION_KEY}` },
    body: JSON.stringify({ input: content }),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  // Whoever throws gives no verdict: `beforeSendFails` decides.
  if (!response.ok) throw new Error(`The model answered ${response.status}`);
  const { results } = (await response.json()) as { results?: Result[] };
  const result = results?.[0];
  if (typeof result?.flagged !== 'boolean') throw new Error('The model answered something else');
  if (!result.flagged) return { verdict: 'allow' };
  const why = Object.keys(result.categories).filter((each) => result.categories[each]);
  return { verdict: 'deny', reason: `This message was not sent, as it may contain ${why.join(', ')}.` };
}
