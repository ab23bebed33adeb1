/** Values of one metric, from one line of EMF. */
export interface Sample {
  namespace: string;
  name: string;
  unit: string;
  labels: Readonly<Record<string, string>>;
  values: readonly number[];
}

/** The parts of a line that CloudWatch reads (CloudWatch, "Embedded metric format specification"). */
interface Emf {
  _aws: {
    CloudWatchMetrics: {
      Namespace: string;
      Dimensions: string[][];
      Metrics: { Name: string; Unit?: string }[];
    }[];
  };
  [key: string]: unknown;
}

/** Returns the metrics of a line, each with the first of its dimension sets; undefined if the line is no EMF. */
export function readEmf(line: string): Sample[] | undefined {
  if (!line.includes('"CloudWatchMetrics"')) return undefined;
  const emf = parsed(line);
  if (!Array.isArray(emf?._aws?.CloudWatchMetrics)) return undefined;
  return emf._aws.CloudWatchMetrics.flatMap(({ Namespace: namespace, Dimensions: sets, Metrics }) => {
    const labels = Object.fromEntries((sets[0] ?? []).map((name) => [name, String(emf[name])]));
    return Metrics.map(({ Name: name, Unit: unit = 'None' }) => ({
      namespace,
      name,
      unit,
      labels,
      // CloudWatch drops non-numeric values, too.
      values: [emf[name]].flat().filter(Number.isFinite) as number[],
    }));
  });
}

function parsed(line: string): Partial<Emf> | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
