export {type Slapd, type SlapdPerson, slapdPeople, startSlapd} from './slapd.ts';
