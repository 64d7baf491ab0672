import { type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { type Asker, type Course, idsOf } from './standby-course.ts';

export const atlasKey = {
  publicKey: 'abcdefgh',
  privateKey: '01234567-89ab-4cde-8f01-23456789abcd',
} as const;

/** Starts an Atlas for one watcher, which says what the others say. So it is known who asks. */
export function startAtlasFor(asker: Asker, course: Course): Promise<Simulator> {
  const scripts = Array.from({ length: course.count }, (_, number) => {
    const { groupId, liveMigrationId } = idsOf(number);
    return [`${groupId}/${liveMigrationId}`, () => course.serve(asker, number)] as const;
  });
  return startSimulator({ credentials: atlasKey, migrations: new Map(scripts) });
}
