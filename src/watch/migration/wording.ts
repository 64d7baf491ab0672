/** Returns which way a lag goes, for people: `falling 45 s/min`. All outputs use these words. */
export function trendWords(perMinute: number): string {
  const pace = Math.abs(perMinute);
  const rounded = pace < 9.95 ? Math.round(pace * 10) / 10 : Math.round(pace);
  if (rounded === 0) return 'steady';
  return `${perMinute < 0 ? 'falling' : 'rising'} ${rounded} s/min`;
}
