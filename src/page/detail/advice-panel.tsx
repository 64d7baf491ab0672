import type { VNode } from 'preact';
import type { Advice } from './advice.ts';

interface AdvicePanelProps {
  readonly advice: Advice;
  /** Where the migration stands, which gives the panel its color. */
  readonly status: string;
  /** Address of the project in the Atlas console. */
  readonly consoleAddress: string;
  /** Address of the report, without its format. */
  readonly reportAddress: string;
}

/** Shows what to do about a migration, and where. */
export function AdvicePanel({ advice, status, consoleAddress, reportAddress }: AdvicePanelProps): VNode {
  const { main, text, steps, why, pressing, inAtlas } = advice;
  return (
    <section class="advice" data-status={status} aria-label="What to do">
      <div class="say">
        <p class="main" data-pressing={pressing}>
          {main}
        </p>
        <p class="text">{text}</p>
        {steps.length === 1 && <p class="todo">{steps[0]}</p>}
        {steps.length > 1 && (
          <ol class="steps">
            {steps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        )}
        {why !== undefined && <p class="note">{why}</p>}
      </div>
      <div class="acts">
        <a
          class={inAtlas === true ? 'act primary' : 'act'}
          href={consoleAddress}
          target="_blank"
          rel="noreferrer"
        >
          Open in Atlas <span aria-hidden="true">↗</span>
          <span class="visually-hidden"> (opens a new tab)</span>
        </a>
        <p class="reports">
          Report:{' '}
          <a href={`${reportAddress}?format=html`} target="_blank" rel="noreferrer">
            HTML
          </a>
          {' · '}
          <a href={`${reportAddress}?format=md`} target="_blank" rel="noreferrer">
            Markdown
          </a>
        </p>
      </div>
    </section>
  );
}
