// The sample of the page on 3LO apps with the `await` that it lacks, and nothing else changed.
import { Client as Sample } from './atlassian-3lo-snippet.mjs';

export { unsuited } from './atlassian-3lo-snippet.mjs';

export class Client extends Sample {
  async taken(answer) { this.take(await answer.json()); }
}
