import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    chatUrl: string;
  }
}

/** Gives the e2e suites their URL: CHAT_URL if it is set, else a cloud of this process, kept in memory. */
export default async function shareCloud(project: TestProject) {
  const deployed = process.env.CHAT_URL;
  if (deployed) return project.provide('chatUrl', deployed);
  const { ensureAssembly } = await import('../../local/synth.ts');
  const { startCloud } = await import('../../local/cloud.ts');
  const assembly = await ensureAssembly();
  const cloud = await startCloud({ assembly, port: 0 });
  project.provide('chatUrl', cloud.url);
  return () => cloud.close();
}
