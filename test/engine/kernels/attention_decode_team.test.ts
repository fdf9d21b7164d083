import { attentionDecodeTeam, decodeTeamRule } from '../../../engine/kernels/attention_decode_team.ts';
import { attentionDecodeTeam as reference } from '../../reference/attention_decode_team.ts';
import { describeDecode } from '../../support/decode_cases.ts';
import { describeTeams } from '../../support/gpu_fixture.ts';

describeTeams('attention_decode_team', (fixture, { wide }) =>
  describeDecode(fixture, attentionDecodeTeam, reference, wide ? 'wide team' : 'team', decodeTeamRule),
);
