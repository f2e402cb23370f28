// The building's page follows the stream: whatever is told of the house makes it look again.
import { useEffect } from 'preact/hooks';
import { connect, refused } from '../../shell/stream';
import { atMost } from '../../ui/atMost';

/** Looks again, once a second at most, whenever something in a building happened, or may have. */
export function useFollowed(building: string, look: () => void) {
  useEffect(() => {
    const soon = atMost(1000, look);
    const topics = ['building', 'grade', 'declaration', 'incident'] as const;
    const connected = connect(
      (stream) =>
        stream.subscribe(
          { topics, area: building, snapshot: false },
          { items: soon.ask, resync: soon.ask, refused },
        ),
      soon.ask,
    );
    return () => {
      connected.stop();
      soon.stop();
    };
  }, [building]);
}
