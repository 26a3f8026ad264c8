/** For tests that break the runtime on purpose; nothing else imports it. */
export { CommandAdmission } from './forwarding/command-admission.ts';
