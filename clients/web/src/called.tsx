/** A display name or title, kept apart from what stands beside it, whatever its script; an id that differs is shown on hover. */
export const Called = ({ id, name }: { id: string; name: string }) => (
  <bdi title={id === name ? undefined : id}>{name}</bdi>
);
