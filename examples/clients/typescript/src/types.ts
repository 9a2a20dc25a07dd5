export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
export type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
export type MakeOptional<T, K extends keyof T> = Omit<T, K> & { [SubKey in K]?: Maybe<T[SubKey]> };
export type MakeMaybe<T, K extends keyof T> = Omit<T, K> & { [SubKey in K]: Maybe<T[SubKey]> };
export type MakeEmpty<T extends { [key: string]: unknown }, K extends keyof T> = { [_ in K]?: never };
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** A civil date: "2026-05-01". */
  Date: { input: string; output: string; }
  /** An instant with its offset (RFC 3339), answered in UTC: "2026-05-01T10:00:00Z". */
  DateTime: { input: string; output: string; }
  /** An exact decimal with at most four places, as text: "12.5". */
  Decimal: { input: string; output: string; }
  /** A JSON document. */
  JSON: { input: unknown; output: unknown; }
};

/** A new record. */
export type ActivityCreateInput = {
  /** Body */
  body?: InputMaybe<Scalars['String']['input']>;
  /** Channel: one of email, sms, call, post */
  channel?: InputMaybe<Scalars['String']['input']>;
  /** Company */
  companyId?: InputMaybe<Scalars['ID']['input']>;
  /** Contact */
  contactId?: InputMaybe<Scalars['ID']['input']>;
  /** Deal */
  dealId?: InputMaybe<Scalars['ID']['input']>;
  /** Direction: one of inbound, outbound, internal */
  direction?: InputMaybe<Scalars['String']['input']>;
  /** Done */
  done?: InputMaybe<Scalars['Boolean']['input']>;
  /** Due on */
  dueOn?: InputMaybe<Scalars['Date']['input']>;
  /** Happened at */
  happenedAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** Kind: one of call, meeting, email, campaign, note, task */
  kind: Scalars['String']['input'];
  /** Lead */
  leadId?: InputMaybe<Scalars['ID']['input']>;
  /** Assigned to */
  ownerId?: InputMaybe<Scalars['ID']['input']>;
  /** Purpose for which the person is reached */
  purpose?: InputMaybe<Scalars['String']['input']>;
  /** Subject */
  subjectLine: Scalars['String']['input'];
};

/** Which records, by shown values; all parts must hold. */
export type ActivityFilter = {
  and?: InputMaybe<Array<ActivityFilter>>;
  attachments?: InputMaybe<AttachmentListFilter>;
  /** Body */
  body?: InputMaybe<StringFilter>;
  /** Channel: one of email, sms, call, post */
  channel?: InputMaybe<KeyFilter>;
  /** When the data was collected. */
  collectedAt?: InputMaybe<DateTimeFilter>;
  /** The purpose of collection. */
  collectedFor?: InputMaybe<StringFilter>;
  company?: InputMaybe<CompanyFilter>;
  /** Company */
  companyId?: InputMaybe<IdFilter>;
  contact?: InputMaybe<ContactFilter>;
  /** Contact */
  contactId?: InputMaybe<IdFilter>;
  /** When the record was created here. */
  createdAt?: InputMaybe<DateTimeFilter>;
  deal?: InputMaybe<DealFilter>;
  /** Deal */
  dealId?: InputMaybe<IdFilter>;
  /** When the record went into the trash; null for live records. */
  deletedAt?: InputMaybe<DateTimeFilter>;
  /** Direction: one of inbound, outbound, internal */
  direction?: InputMaybe<KeyFilter>;
  /** Done */
  done?: InputMaybe<BooleanFilter>;
  /** Due on */
  dueOn?: InputMaybe<DateFilter>;
  /** Happened at */
  happenedAt?: InputMaybe<DateTimeFilter>;
  /** Opaque id of the record. */
  id?: InputMaybe<IdFilter>;
  /** Kind: one of call, meeting, email, campaign, note, task */
  kind?: InputMaybe<KeyFilter>;
  lead?: InputMaybe<LeadFilter>;
  /** Lead */
  leadId?: InputMaybe<IdFilter>;
  not?: InputMaybe<ActivityFilter>;
  /** Some part must hold; an empty list matches nothing. */
  or?: InputMaybe<Array<ActivityFilter>>;
  owner?: InputMaybe<UserFilter>;
  /** Assigned to */
  ownerId?: InputMaybe<IdFilter>;
  /** Purpose for which the person is reached */
  purpose?: InputMaybe<StringFilter>;
  /** Subject */
  subjectLine?: InputMaybe<StringFilter>;
  /** When the record was last changed. */
  updatedAt?: InputMaybe<DateTimeFilter>;
  /** Grows by one with each change; send it as `expectedVersion`. */
  version?: InputMaybe<IntFilter>;
};

/** A field whose shown values make the groups. */
export type ActivityGroupField =
  /** Body */
  | 'body'
  /** Channel: one of email, sms, call, post */
  | 'channel'
  /** When the data was collected. */
  | 'collectedAt'
  /** The purpose of collection. */
  | 'collectedFor'
  /** Company */
  | 'companyId'
  /** Contact */
  | 'contactId'
  /** When the record was created here. */
  | 'createdAt'
  /** Deal */
  | 'dealId'
  /** When the record went into the trash; null for live records. */
  | 'deletedAt'
  /** Direction: one of inbound, outbound, internal */
  | 'direction'
  /** Done */
  | 'done'
  /** Due on */
  | 'dueOn'
  /** Happened at */
  | 'happenedAt'
  /** Kind: one of call, meeting, email, campaign, note, task */
  | 'kind'
  /** Lead */
  | 'leadId'
  /** Assigned to */
  | 'ownerId'
  /** Purpose for which the person is reached */
  | 'purpose'
  /** Subject */
  | 'subjectLine'
  /** When the record was last changed. */
  | 'updatedAt';

/** Tests of the visible records on the other side of a reference. */
export type ActivityListFilter = {
  /** No record matches. */
  none?: InputMaybe<ActivityFilter>;
  /** Some record matches. */
  some?: InputMaybe<ActivityFilter>;
};

/** One order key: exactly one field. */
export type ActivityOrderBy = {
  body?: InputMaybe<OrderByDirection>;
  channel?: InputMaybe<OrderByDirection>;
  collectedAt?: InputMaybe<OrderByDirection>;
  collectedFor?: InputMaybe<OrderByDirection>;
  createdAt?: InputMaybe<OrderByDirection>;
  deletedAt?: InputMaybe<OrderByDirection>;
  direction?: InputMaybe<OrderByDirection>;
  done?: InputMaybe<OrderByDirection>;
  dueOn?: InputMaybe<OrderByDirection>;
  happenedAt?: InputMaybe<OrderByDirection>;
  kind?: InputMaybe<OrderByDirection>;
  purpose?: InputMaybe<OrderByDirection>;
  subjectLine?: InputMaybe<OrderByDirection>;
  updatedAt?: InputMaybe<OrderByDirection>;
  version?: InputMaybe<OrderByDirection>;
};

/** Fields to change; null clears one, one left out stays. */
export type ActivityUpdateInput = {
  /** Body */
  body?: InputMaybe<Scalars['String']['input']>;
  /** Channel: one of email, sms, call, post */
  channel?: InputMaybe<Scalars['String']['input']>;
  /** Company */
  companyId?: InputMaybe<Scalars['ID']['input']>;
  /** Contact */
  contactId?: InputMaybe<Scalars['ID']['input']>;
  /** Deal */
  dealId?: InputMaybe<Scalars['ID']['input']>;
  /** Direction: one of inbound, outbound, internal */
  direction?: InputMaybe<Scalars['String']['input']>;
  /** Done */
  done?: InputMaybe<Scalars['Boolean']['input']>;
  /** Due on */
  dueOn?: InputMaybe<Scalars['Date']['input']>;
  /** Happened at */
  happenedAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** Kind: one of call, meeting, email, campaign, note, task */
  kind?: InputMaybe<Scalars['String']['input']>;
  /** Lead */
  leadId?: InputMaybe<Scalars['ID']['input']>;
  /** Assigned to */
  ownerId?: InputMaybe<Scalars['ID']['input']>;
  /** Purpose for which the person is reached */
  purpose?: InputMaybe<Scalars['String']['input']>;
  /** Subject */
  subjectLine?: InputMaybe<Scalars['String']['input']>;
};

export type ApprovalState =
  /** It may be used. */
  | 'APPROVED'
  /** Turned down, or taken back before it was used. */
  | 'DECLINED'
  /** It was not approved and used in time. */
  | 'EXPIRED'
  /** Nobody has decided. */
  | 'PENDING'
  /** It was used, once. */
  | 'USED';

/** A new record. */
export type AttachmentCreateInput = {
  /** Activity */
  activityId?: InputMaybe<Scalars['ID']['input']>;
  /** Company */
  companyId?: InputMaybe<Scalars['ID']['input']>;
  /** Contact */
  contactId?: InputMaybe<Scalars['ID']['input']>;
  /** Deal */
  dealId?: InputMaybe<Scalars['ID']['input']>;
  /** Where it lies */
  location?: InputMaybe<Scalars['String']['input']>;
  /** Media type */
  mediaType?: InputMaybe<Scalars['String']['input']>;
  /** File name */
  name: Scalars['String']['input'];
  /** SHA-256 */
  sha256?: InputMaybe<Scalars['String']['input']>;
  /** Size (bytes) */
  sizeBytes?: InputMaybe<Scalars['Int']['input']>;
};

/** Which records, by shown values; all parts must hold. */
export type AttachmentFilter = {
  activity?: InputMaybe<ActivityFilter>;
  /** Activity */
  activityId?: InputMaybe<IdFilter>;
  and?: InputMaybe<Array<AttachmentFilter>>;
  /** When the data was collected. */
  collectedAt?: InputMaybe<DateTimeFilter>;
  /** The purpose of collection. */
  collectedFor?: InputMaybe<StringFilter>;
  company?: InputMaybe<CompanyFilter>;
  /** Company */
  companyId?: InputMaybe<IdFilter>;
  contact?: InputMaybe<ContactFilter>;
  /** Contact */
  contactId?: InputMaybe<IdFilter>;
  /** When the record was created here. */
  createdAt?: InputMaybe<DateTimeFilter>;
  deal?: InputMaybe<DealFilter>;
  /** Deal */
  dealId?: InputMaybe<IdFilter>;
  /** When the record went into the trash; null for live records. */
  deletedAt?: InputMaybe<DateTimeFilter>;
  /** Opaque id of the record. */
  id?: InputMaybe<IdFilter>;
  /** Where it lies */
  location?: InputMaybe<StringFilter>;
  /** Media type */
  mediaType?: InputMaybe<StringFilter>;
  /** File name */
  name?: InputMaybe<StringFilter>;
  not?: InputMaybe<AttachmentFilter>;
  /** Some part must hold; an empty list matches nothing. */
  or?: InputMaybe<Array<AttachmentFilter>>;
  /** SHA-256 */
  sha256?: InputMaybe<StringFilter>;
  /** Size (bytes) */
  sizeBytes?: InputMaybe<IntFilter>;
  /** When the record was last changed. */
  updatedAt?: InputMaybe<DateTimeFilter>;
  /** Grows by one with each change; send it as `expectedVersion`. */
  version?: InputMaybe<IntFilter>;
};

/** A field whose shown values make the groups. */
export type AttachmentGroupField =
  /** Activity */
  | 'activityId'
  /** When the data was collected. */
  | 'collectedAt'
  /** The purpose of collection. */
  | 'collectedFor'
  /** Company */
  | 'companyId'
  /** Contact */
  | 'contactId'
  /** When the record was created here. */
  | 'createdAt'
  /** Deal */
  | 'dealId'
  /** When the record went into the trash; null for live records. */
  | 'deletedAt'
  /** Where it lies */
  | 'location'
  /** Media type */
  | 'mediaType'
  /** File name */
  | 'name'
  /** SHA-256 */
  | 'sha256'
  /** Size (bytes) */
  | 'sizeBytes'
  /** When the record was last changed. */
  | 'updatedAt';

/** Tests of the visible records on the other side of a reference. */
export type AttachmentListFilter = {
  /** No record matches. */
  none?: InputMaybe<AttachmentFilter>;
  /** Some record matches. */
  some?: InputMaybe<AttachmentFilter>;
};

/** One order key: exactly one field. */
export type AttachmentOrderBy = {
  collectedAt?: InputMaybe<OrderByDirection>;
  collectedFor?: InputMaybe<OrderByDirection>;
  createdAt?: InputMaybe<OrderByDirection>;
  deletedAt?: InputMaybe<OrderByDirection>;
  location?: InputMaybe<OrderByDirection>;
  mediaType?: InputMaybe<OrderByDirection>;
  name?: InputMaybe<OrderByDirection>;
  sha256?: InputMaybe<OrderByDirection>;
  sizeBytes?: InputMaybe<OrderByDirection>;
  updatedAt?: InputMaybe<OrderByDirection>;
  version?: InputMaybe<OrderByDirection>;
};

/** Fields to change; null clears one, one left out stays. */
export type AttachmentUpdateInput = {
  /** Activity */
  activityId?: InputMaybe<Scalars['ID']['input']>;
  /** Company */
  companyId?: InputMaybe<Scalars['ID']['input']>;
  /** Contact */
  contactId?: InputMaybe<Scalars['ID']['input']>;
  /** Deal */
  dealId?: InputMaybe<Scalars['ID']['input']>;
  /** Where it lies */
  location?: InputMaybe<Scalars['String']['input']>;
  /** Media type */
  mediaType?: InputMaybe<Scalars['String']['input']>;
  /** File name */
  name?: InputMaybe<Scalars['String']['input']>;
  /** SHA-256 */
  sha256?: InputMaybe<Scalars['String']['input']>;
  /** Size (bytes) */
  sizeBytes?: InputMaybe<Scalars['Int']['input']>;
};

/** Tests of a shown value, all of which must hold. A masked or absent value matches `is: NULL` only. */
export type BooleanFilter = {
  eq?: InputMaybe<Scalars['Boolean']['input']>;
  is?: InputMaybe<FilterIs>;
  neq?: InputMaybe<Scalars['Boolean']['input']>;
};

/** A new record. */
export type CompanyCreateInput = {
  /** Annual revenue (millions) */
  annualRevenue?: InputMaybe<Scalars['Decimal']['input']>;
  /** Country */
  country?: InputMaybe<Scalars['String']['input']>;
  /** Domain */
  domain?: InputMaybe<Scalars['String']['input']>;
  /** Employees */
  employees?: InputMaybe<Scalars['Int']['input']>;
  /** Founded in */
  foundedYear?: InputMaybe<Scalars['Int']['input']>;
  /** Name */
  name: Scalars['String']['input'];
  /** Owner */
  ownerId?: InputMaybe<Scalars['ID']['input']>;
  /** Parent company */
  parentId?: InputMaybe<Scalars['ID']['input']>;
  /** Sector */
  sector?: InputMaybe<Scalars['String']['input']>;
  /** VAT number */
  vatId?: InputMaybe<Scalars['String']['input']>;
  /** Website */
  website?: InputMaybe<Scalars['String']['input']>;
};

/** Which records, by shown values; all parts must hold. */
export type CompanyFilter = {
  activities?: InputMaybe<ActivityListFilter>;
  and?: InputMaybe<Array<CompanyFilter>>;
  /** Annual revenue (millions) */
  annualRevenue?: InputMaybe<DecimalFilter>;
  attachments?: InputMaybe<AttachmentListFilter>;
  /** When the data was collected. */
  collectedAt?: InputMaybe<DateTimeFilter>;
  /** The purpose of collection. */
  collectedFor?: InputMaybe<StringFilter>;
  contacts?: InputMaybe<ContactListFilter>;
  /** Country */
  country?: InputMaybe<KeyFilter>;
  /** When the record was created here. */
  createdAt?: InputMaybe<DateTimeFilter>;
  deals?: InputMaybe<DealListFilter>;
  /** When the record went into the trash; null for live records. */
  deletedAt?: InputMaybe<DateTimeFilter>;
  /** Domain */
  domain?: InputMaybe<StringFilter>;
  /** Employees */
  employees?: InputMaybe<IntFilter>;
  /** Founded in */
  foundedYear?: InputMaybe<IntFilter>;
  /** Opaque id of the record. */
  id?: InputMaybe<IdFilter>;
  leads?: InputMaybe<LeadListFilter>;
  mergedInto?: InputMaybe<CompanyFilter>;
  /** Became part of */
  mergedIntoId?: InputMaybe<IdFilter>;
  /** Name */
  name?: InputMaybe<StringFilter>;
  not?: InputMaybe<CompanyFilter>;
  /** Some part must hold; an empty list matches nothing. */
  or?: InputMaybe<Array<CompanyFilter>>;
  owner?: InputMaybe<UserFilter>;
  /** Owner */
  ownerId?: InputMaybe<IdFilter>;
  parent?: InputMaybe<CompanyFilter>;
  /** Parent company */
  parentId?: InputMaybe<IdFilter>;
  positions?: InputMaybe<ContactCompanyListFilter>;
  /** Sector */
  sector?: InputMaybe<StringFilter>;
  subsidiaries?: InputMaybe<CompanyListFilter>;
  taggings?: InputMaybe<TaggingListFilter>;
  /** When the record was last changed. */
  updatedAt?: InputMaybe<DateTimeFilter>;
  /** VAT number */
  vatId?: InputMaybe<StringFilter>;
  /** Grows by one with each change; send it as `expectedVersion`. */
  version?: InputMaybe<IntFilter>;
  /** Website */
  website?: InputMaybe<StringFilter>;
};

/** A field whose shown values make the groups. */
export type CompanyGroupField =
  /** Annual revenue (millions) */
  | 'annualRevenue'
  /** When the data was collected. */
  | 'collectedAt'
  /** The purpose of collection. */
  | 'collectedFor'
  /** Country */
  | 'country'
  /** When the record was created here. */
  | 'createdAt'
  /** When the record went into the trash; null for live records. */
  | 'deletedAt'
  /** Domain */
  | 'domain'
  /** Employees */
  | 'employees'
  /** Founded in */
  | 'foundedYear'
  /** Became part of */
  | 'mergedIntoId'
  /** Name */
  | 'name'
  /** Owner */
  | 'ownerId'
  /** Parent company */
  | 'parentId'
  /** Sector */
  | 'sector'
  /** When the record was last changed. */
  | 'updatedAt'
  /** VAT number */
  | 'vatId'
  /** Website */
  | 'website';

/** Tests of the visible records on the other side of a reference. */
export type CompanyListFilter = {
  /** No record matches. */
  none?: InputMaybe<CompanyFilter>;
  /** Some record matches. */
  some?: InputMaybe<CompanyFilter>;
};

/** One order key: exactly one field. */
export type CompanyOrderBy = {
  annualRevenue?: InputMaybe<OrderByDirection>;
  collectedAt?: InputMaybe<OrderByDirection>;
  collectedFor?: InputMaybe<OrderByDirection>;
  country?: InputMaybe<OrderByDirection>;
  createdAt?: InputMaybe<OrderByDirection>;
  deletedAt?: InputMaybe<OrderByDirection>;
  domain?: InputMaybe<OrderByDirection>;
  employees?: InputMaybe<OrderByDirection>;
  foundedYear?: InputMaybe<OrderByDirection>;
  name?: InputMaybe<OrderByDirection>;
  sector?: InputMaybe<OrderByDirection>;
  updatedAt?: InputMaybe<OrderByDirection>;
  vatId?: InputMaybe<OrderByDirection>;
  version?: InputMaybe<OrderByDirection>;
  website?: InputMaybe<OrderByDirection>;
};

/** Fields to change; null clears one, one left out stays. */
export type CompanyUpdateInput = {
  /** Annual revenue (millions) */
  annualRevenue?: InputMaybe<Scalars['Decimal']['input']>;
  /** Country */
  country?: InputMaybe<Scalars['String']['input']>;
  /** Domain */
  domain?: InputMaybe<Scalars['String']['input']>;
  /** Employees */
  employees?: InputMaybe<Scalars['Int']['input']>;
  /** Founded in */
  foundedYear?: InputMaybe<Scalars['Int']['input']>;
  /** Name */
  name?: InputMaybe<Scalars['String']['input']>;
  /** Owner */
  ownerId?: InputMaybe<Scalars['ID']['input']>;
  /** Parent company */
  parentId?: InputMaybe<Scalars['ID']['input']>;
  /** Sector */
  sector?: InputMaybe<Scalars['String']['input']>;
  /** VAT number */
  vatId?: InputMaybe<Scalars['String']['input']>;
  /** Website */
  website?: InputMaybe<Scalars['String']['input']>;
};

/** A new record. */
export type CompatibilityAssessmentCreateInput = {
  /** Reasoning: link, context, nature of the data, consequences, safeguards */
  reasoning: Scalars['String']['input'];
  /** Purpose of collection */
  sourcePurpose: Scalars['String']['input'];
  /** Status: one of draft, approved, rejected */
  status?: InputMaybe<Scalars['String']['input']>;
  /** Further purpose */
  targetPurpose: Scalars['String']['input'];
  /** To be reviewed by */
  validUntil?: InputMaybe<Scalars['Date']['input']>;
};

/** Which records, by shown values; all parts must hold. */
export type CompatibilityAssessmentFilter = {
  and?: InputMaybe<Array<CompatibilityAssessmentFilter>>;
  /** When the data was collected. */
  collectedAt?: InputMaybe<DateTimeFilter>;
  /** The purpose of collection. */
  collectedFor?: InputMaybe<StringFilter>;
  /** When the record was created here. */
  createdAt?: InputMaybe<DateTimeFilter>;
  /** When the record went into the trash; null for live records. */
  deletedAt?: InputMaybe<DateTimeFilter>;
  /** Opaque id of the record. */
  id?: InputMaybe<IdFilter>;
  not?: InputMaybe<CompatibilityAssessmentFilter>;
  /** Some part must hold; an empty list matches nothing. */
  or?: InputMaybe<Array<CompatibilityAssessmentFilter>>;
  /** Reasoning: link, context, nature of the data, consequences, safeguards */
  reasoning?: InputMaybe<StringFilter>;
  /** Purpose of collection */
  sourcePurpose?: InputMaybe<StringFilter>;
  /** Status: one of draft, approved, rejected */
  status?: InputMaybe<KeyFilter>;
  /** Further purpose */
  targetPurpose?: InputMaybe<StringFilter>;
  /** When the record was last changed. */
  updatedAt?: InputMaybe<DateTimeFilter>;
  /** To be reviewed by */
  validUntil?: InputMaybe<DateFilter>;
  /** Grows by one with each change; send it as `expectedVersion`. */
  version?: InputMaybe<IntFilter>;
};

/** A field whose shown values make the groups. */
export type CompatibilityAssessmentGroupField =
  /** When the data was collected. */
  | 'collectedAt'
  /** The purpose of collection. */
  | 'collectedFor'
  /** When the record was created here. */
  | 'createdAt'
  /** When the record went into the trash; null for live records. */
  | 'deletedAt'
  /** Reasoning: link, context, nature of the data, consequences, safeguards */
  | 'reasoning'
  /** Purpose of collection */
  | 'sourcePurpose'
  /** Status: one of draft, approved, rejected */
  | 'status'
  /** Further purpose */
  | 'targetPurpose'
  /** When the record was last changed. */
  | 'updatedAt'
  /** To be reviewed by */
  | 'validUntil';

/** Tests of the visible records on the other side of a reference. */
export type CompatibilityAssessmentListFilter = {
  /** No record matches. */
  none?: InputMaybe<CompatibilityAssessmentFilter>;
  /** Some record matches. */
  some?: InputMaybe<CompatibilityAssessmentFilter>;
};

/** One order key: exactly one field. */
export type CompatibilityAssessmentOrderBy = {
  collectedAt?: InputMaybe<OrderByDirection>;
  collectedFor?: InputMaybe<OrderByDirection>;
  createdAt?: InputMaybe<OrderByDirection>;
  deletedAt?: InputMaybe<OrderByDirection>;
  reasoning?: InputMaybe<OrderByDirection>;
  sourcePurpose?: InputMaybe<OrderByDirection>;
  status?: InputMaybe<OrderByDirection>;
  targetPurpose?: InputMaybe<OrderByDirection>;
  updatedAt?: InputMaybe<OrderByDirection>;
  validUntil?: InputMaybe<OrderByDirection>;
  version?: InputMaybe<OrderByDirection>;
};

/** Fields to change; null clears one, one left out stays. */
export type CompatibilityAssessmentUpdateInput = {
  /** Reasoning: link, context, nature of the data, consequences, safeguards */
  reasoning?: InputMaybe<Scalars['String']['input']>;
  /** Purpose of collection */
  sourcePurpose?: InputMaybe<Scalars['String']['input']>;
  /** Status: one of draft, approved, rejected */
  status?: InputMaybe<Scalars['String']['input']>;
  /** Further purpose */
  targetPurpose?: InputMaybe<Scalars['String']['input']>;
  /** To be reviewed by */
  validUntil?: InputMaybe<Scalars['Date']['input']>;
};

export type ConfirmConsentInput = {
  /** Collected by */
  collector?: InputMaybe<Scalars['String']['input']>;
  /** Where the evidence is kept */
  evidence?: InputMaybe<Scalars['String']['input']>;
  /** When the person said it; now when absent. */
  happenedAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** Method of capture: one of checkbox, signature, call, email, pre_ticked, silence, import */
  method?: InputMaybe<Scalars['String']['input']>;
  /** As `recordConsent` answered it, and the person sent it back. */
  token: Scalars['String']['input'];
};

export type ConsentAnswer =
  | 'DEFERRED'
  | 'GIVEN'
  | 'REFUSED'
  | 'RENEWED'
  | 'REQUESTED';

/** A new record. */
export type ConsentEventCreateInput = {
  /** Channel: one of any, email, sms, call, post */
  channel?: InputMaybe<Scalars['String']['input']>;
  /** Collected by */
  collector?: InputMaybe<Scalars['String']['input']>;
  /** Whether a service depends on it: one of free, conditional, necessary */
  conditionality?: InputMaybe<Scalars['String']['input']>;
  /** Why it is free all the same */
  conditionalityReason?: InputMaybe<Scalars['String']['input']>;
  /** Contact */
  contactId: Scalars['ID']['input'];
  /** Controller relying on it */
  controller?: InputMaybe<Scalars['String']['input']>;
  /** Where the evidence is kept */
  evidence?: InputMaybe<Scalars['String']['input']>;
  /** Explicit */
  explicit?: InputMaybe<Scalars['Boolean']['input']>;
  /** Given by: one of person, guardian, both */
  givenBy?: InputMaybe<Scalars['String']['input']>;
  /** At */
  happenedAt: Scalars['DateTime']['input'];
  /** Jurisdiction */
  jurisdiction?: InputMaybe<Scalars['String']['input']>;
  /** Language of the wording */
  language?: InputMaybe<Scalars['String']['input']>;
  /** Method of capture: one of checkbox, signature, call, email, pre_ticked, silence, import */
  method?: InputMaybe<Scalars['String']['input']>;
  /** Version of the notice */
  noticeVersion?: InputMaybe<Scalars['String']['input']>;
  /** Purpose key */
  purpose: Scalars['String']['input'];
  /** State: one of requested, given, confirmed, renewed, deferred, refused, withdrawn, expired, terminated, invalidated, objected, objection_lifted, objection_overridden */
  state: Scalars['String']['input'];
  /** How it is withdrawn */
  withdrawalMethod?: InputMaybe<Scalars['String']['input']>;
  /** Wording shown */
  wording?: InputMaybe<Scalars['String']['input']>;
};

/** Which records, by shown values; all parts must hold. */
export type ConsentEventFilter = {
  and?: InputMaybe<Array<ConsentEventFilter>>;
  /** Channel: one of any, email, sms, call, post */
  channel?: InputMaybe<KeyFilter>;
  /** When the data was collected. */
  collectedAt?: InputMaybe<DateTimeFilter>;
  /** The purpose of collection. */
  collectedFor?: InputMaybe<StringFilter>;
  /** Collected by */
  collector?: InputMaybe<StringFilter>;
  /** Whether a service depends on it: one of free, conditional, necessary */
  conditionality?: InputMaybe<KeyFilter>;
  /** Why it is free all the same */
  conditionalityReason?: InputMaybe<StringFilter>;
  contact?: InputMaybe<ContactFilter>;
  /** Contact */
  contactId?: InputMaybe<IdFilter>;
  /** Controller relying on it */
  controller?: InputMaybe<StringFilter>;
  /** When the record was created here. */
  createdAt?: InputMaybe<DateTimeFilter>;
  /** When the record went into the trash; null for live records. */
  deletedAt?: InputMaybe<DateTimeFilter>;
  /** Where the evidence is kept */
  evidence?: InputMaybe<StringFilter>;
  /** Explicit */
  explicit?: InputMaybe<BooleanFilter>;
  /** Given by: one of person, guardian, both */
  givenBy?: InputMaybe<KeyFilter>;
  /** At */
  happenedAt?: InputMaybe<DateTimeFilter>;
  /** Opaque id of the record. */
  id?: InputMaybe<IdFilter>;
  /** Jurisdiction */
  jurisdiction?: InputMaybe<KeyFilter>;
  /** Language of the wording */
  language?: InputMaybe<StringFilter>;
  /** Method of capture: one of checkbox, signature, call, email, pre_ticked, silence, import */
  method?: InputMaybe<KeyFilter>;
  not?: InputMaybe<ConsentEventFilter>;
  /** Version of the notice */
  noticeVersion?: InputMaybe<StringFilter>;
  /** Some part must hold; an empty list matches nothing. */
  or?: InputMaybe<Array<ConsentEventFilter>>;
  /** Purpose key */
  purpose?: InputMaybe<StringFilter>;
  /** State: one of requested, given, confirmed, renewed, deferred, refused, withdrawn, expired, terminated, invalidated, objected, objection_lifted, objection_overridden */
  state?: InputMaybe<KeyFilter>;
  /** When the record was last changed. */
  updatedAt?: InputMaybe<DateTimeFilter>;
  /** Grows by one with each change; send it as `expectedVersion`. */
  version?: InputMaybe<IntFilter>;
  /** How it is withdrawn */
  withdrawalMethod?: InputMaybe<StringFilter>;
  /** Wording shown */
  wording?: InputMaybe<StringFilter>;
};

/** A field whose shown values make the groups. */
export type ConsentEventGroupField =
  /** Channel: one of any, email, sms, call, post */
  | 'channel'
  /** When the data was collected. */
  | 'collectedAt'
  /** The purpose of collection. */
  | 'collectedFor'
  /** Collected by */
  | 'collector'
  /** Whether a service depends on it: one of free, conditional, necessary */
  | 'conditionality'
  /** Why it is free all the same */
  | 'conditionalityReason'
  /** Contact */
  | 'contactId'
  /** Controller relying on it */
  | 'controller'
  /** When the record was created here. */
  | 'createdAt'
  /** When the record went into the trash; null for live records. */
  | 'deletedAt'
  /** Where the evidence is kept */
  | 'evidence'
  /** Explicit */
  | 'explicit'
  /** Given by: one of person, guardian, both */
  | 'givenBy'
  /** At */
  | 'happenedAt'
  /** Jurisdiction */
  | 'jurisdiction'
  /** Language of the wording */
  | 'language'
  /** Method of capture: one of checkbox, signature, call, email, pre_ticked, silence, import */
  | 'method'
  /** Version of the notice */
  | 'noticeVersion'
  /** Purpose key */
  | 'purpose'
  /** State: one of requested, given, confirmed, renewed, deferred, refused, withdrawn, expired, terminated, invalidated, objected, objection_lifted, objection_overridden */
  | 'state'
  /** When the record was last changed. */
  | 'updatedAt'
  /** How it is withdrawn */
  | 'withdrawalMethod'
  /** Wording shown */
  | 'wording';

/** Tests of the visible records on the other side of a reference. */
export type ConsentEventListFilter = {
  /** No record matches. */
  none?: InputMaybe<ConsentEventFilter>;
  /** Some record matches. */
  some?: InputMaybe<ConsentEventFilter>;
};

/** One order key: exactly one field. */
export type ConsentEventOrderBy = {
  channel?: InputMaybe<OrderByDirection>;
  collectedAt?: InputMaybe<OrderByDirection>;
  collectedFor?: InputMaybe<OrderByDirection>;
  collector?: InputMaybe<OrderByDirection>;
  conditionality?: InputMaybe<OrderByDirection>;
  conditionalityReason?: InputMaybe<OrderByDirection>;
  controller?: InputMaybe<OrderByDirection>;
  createdAt?: InputMaybe<OrderByDirection>;
  deletedAt?: InputMaybe<OrderByDirection>;
  evidence?: InputMaybe<OrderByDirection>;
  explicit?: InputMaybe<OrderByDirection>;
  givenBy?: InputMaybe<OrderByDirection>;
  happenedAt?: InputMaybe<OrderByDirection>;
  jurisdiction?: InputMaybe<OrderByDirection>;
  language?: InputMaybe<OrderByDirection>;
  method?: InputMaybe<OrderByDirection>;
  noticeVersion?: InputMaybe<OrderByDirection>;
  purpose?: InputMaybe<OrderByDirection>;
  state?: InputMaybe<OrderByDirection>;
  updatedAt?: InputMaybe<OrderByDirection>;
  version?: InputMaybe<OrderByDirection>;
  withdrawalMethod?: InputMaybe<OrderByDirection>;
  wording?: InputMaybe<OrderByDirection>;
};

/** A new record. */
export type ContactAddressCreateInput = {
  /** City */
  city?: InputMaybe<Scalars['String']['input']>;
  /** Contact */
  contactId: Scalars['ID']['input'];
  /** Country */
  country?: InputMaybe<Scalars['String']['input']>;
  /** Type: one of billing, delivery, work, home, other */
  kind?: InputMaybe<Scalars['String']['input']>;
  /** Postal code */
  postalCode?: InputMaybe<Scalars['String']['input']>;
  /** State or region */
  state?: InputMaybe<Scalars['String']['input']>;
  /** Street and number */
  street?: InputMaybe<Scalars['String']['input']>;
};

/** Which records, by shown values; all parts must hold. */
export type ContactAddressFilter = {
  and?: InputMaybe<Array<ContactAddressFilter>>;
  /** City */
  city?: InputMaybe<StringFilter>;
  /** When the data was collected. */
  collectedAt?: InputMaybe<DateTimeFilter>;
  /** The purpose of collection. */
  collectedFor?: InputMaybe<StringFilter>;
  contact?: InputMaybe<ContactFilter>;
  /** Contact */
  contactId?: InputMaybe<IdFilter>;
  /** Country */
  country?: InputMaybe<KeyFilter>;
  /** When the record was created here. */
  createdAt?: InputMaybe<DateTimeFilter>;
  /** When the record went into the trash; null for live records. */
  deletedAt?: InputMaybe<DateTimeFilter>;
  /** Opaque id of the record. */
  id?: InputMaybe<IdFilter>;
  /** Type: one of billing, delivery, work, home, other */
  kind?: InputMaybe<KeyFilter>;
  not?: InputMaybe<ContactAddressFilter>;
  /** Some part must hold; an empty list matches nothing. */
  or?: InputMaybe<Array<ContactAddressFilter>>;
  /** Postal code */
  postalCode?: InputMaybe<StringFilter>;
  /** State or region */
  state?: InputMaybe<StringFilter>;
  /** Street and number */
  street?: InputMaybe<StringFilter>;
  /** When the record was last changed. */
  updatedAt?: InputMaybe<DateTimeFilter>;
  /** Grows by one with each change; send it as `expectedVersion`. */
  version?: InputMaybe<IntFilter>;
};

/** A field whose shown values make the groups. */
export type ContactAddressGroupField =
  /** City */
  | 'city'
  /** When the data was collected. */
  | 'collectedAt'
  /** The purpose of collection. */
  | 'collectedFor'
  /** Contact */
  | 'contactId'
  /** Country */
  | 'country'
  /** When the record was created here. */
  | 'createdAt'
  /** When the record went into the trash; null for live records. */
  | 'deletedAt'
  /** Type: one of billing, delivery, work, home, other */
  | 'kind'
  /** Postal code */
  | 'postalCode'
  /** State or region */
  | 'state'
  /** Street and number */
  | 'street'
  /** When the record was last changed. */
  | 'updatedAt';

/** Tests of the visible records on the other side of a reference. */
export type ContactAddressListFilter = {
  /** No record matches. */
  none?: InputMaybe<ContactAddressFilter>;
  /** Some record matches. */
  some?: InputMaybe<ContactAddressFilter>;
};

/** One order key: exactly one field. */
export type ContactAddressOrderBy = {
  city?: InputMaybe<OrderByDirection>;
  collectedAt?: InputMaybe<OrderByDirection>;
  collectedFor?: InputMaybe<OrderByDirection>;
  country?: InputMaybe<OrderByDirection>;
  createdAt?: InputMaybe<OrderByDirection>;
  deletedAt?: InputMaybe<OrderByDirection>;
  kind?: InputMaybe<OrderByDirection>;
  postalCode?: InputMaybe<OrderByDirection>;
  state?: InputMaybe<OrderByDirection>;
  street?: InputMaybe<OrderByDirection>;
  updatedAt?: InputMaybe<OrderByDirection>;
  version?: InputMaybe<OrderByDirection>;
};

/** Fields to change; null clears one, one left out stays. */
export type ContactAddressUpdateInput = {
  /** City */
  city?: InputMaybe<Scalars['String']['input']>;
  /** Contact */
  contactId?: InputMaybe<Scalars['ID']['input']>;
  /** Country */
  country?: InputMaybe<Scalars['String']['input']>;
  /** Type: one of billing, delivery, work, home, other */
  kind?: InputMaybe<Scalars['String']['input']>;
  /** Postal code */
  postalCode?: InputMaybe<Scalars['String']['input']>;
  /** State or region */
  state?: InputMaybe<Scalars['String']['input']>;
  /** Street and number */
  street?: InputMaybe<Scalars['String']['input']>;
};

/** A new record. */
export type ContactCompanyCreateInput = {
  /** Company */
  companyId?: InputMaybe<Scalars['ID']['input']>;
  /** Contact */
  contactId: Scalars['ID']['input'];
  /** From */
  fromOn?: InputMaybe<Scalars['Date']['input']>;
  /** Role */
  role?: InputMaybe<Scalars['String']['input']>;
  /** Until */
  toOn?: InputMaybe<Scalars['Date']['input']>;
};

/** Which records, by shown values; all parts must hold. */
export type ContactCompanyFilter = {
  and?: InputMaybe<Array<ContactCompanyFilter>>;
  /** When the data was collected. */
  collectedAt?: InputMaybe<DateTimeFilter>;
  /** The purpose of collection. */
  collectedFor?: InputMaybe<StringFilter>;
  company?: InputMaybe<CompanyFilter>;
  /** Company */
  companyId?: InputMaybe<IdFilter>;
  contact?: InputMaybe<ContactFilter>;
  /** Contact */
  contactId?: InputMaybe<IdFilter>;
  /** When the record was created here. */
  createdAt?: InputMaybe<DateTimeFilter>;
  /** When the record went into the trash; null for live records. */
  deletedAt?: InputMaybe<DateTimeFilter>;
  /** From */
  fromOn?: InputMaybe<DateFilter>;
  /** Opaque id of the record. */
  id?: InputMaybe<IdFilter>;
  not?: InputMaybe<ContactCompanyFilter>;
  /** Some part must hold; an empty list matches nothing. */
  or?: InputMaybe<Array<ContactCompanyFilter>>;
  /** Role */
  role?: InputMaybe<StringFilter>;
  /** Until */
  toOn?: InputMaybe<DateFilter>;
  /** When the record was last changed. */
  updatedAt?: InputMaybe<DateTimeFilter>;
  /** Grows by one with each change; send it as `expectedVersion`. */
  version?: InputMaybe<IntFilter>;
};

/** A field whose shown values make the groups. */
export type ContactCompanyGroupField =
  /** When the data was collected. */
  | 'collectedAt'
  /** The purpose of collection. */
  | 'collectedFor'
  /** Company */
  | 'companyId'
  /** Contact */
  | 'contactId'
  /** When the record was created here. */
  | 'createdAt'
  /** When the record went into the trash; null for live records. */
  | 'deletedAt'
  /** From */
  | 'fromOn'
  /** Role */
  | 'role'
  /** Until */
  | 'toOn'
  /** When the record was last changed. */
  | 'updatedAt';

/** Tests of the visible records on the other side of a reference. */
export type ContactCompanyListFilter = {
  /** No record matches. */
  none?: InputMaybe<ContactCompanyFilter>;
  /** Some record matches. */
  some?: InputMaybe<ContactCompanyFilter>;
};

/** One order key: exactly one field. */
export type ContactCompanyOrderBy = {
  collectedAt?: InputMaybe<OrderByDirection>;
  collectedFor?: InputMaybe<OrderByDirection>;
  createdAt?: InputMaybe<OrderByDirection>;
  deletedAt?: InputMaybe<OrderByDirection>;
  fromOn?: InputMaybe<OrderByDirection>;
  role?: InputMaybe<OrderByDirection>;
  toOn?: InputMaybe<OrderByDirection>;
  updatedAt?: InputMaybe<OrderByDirection>;
  version?: InputMaybe<OrderByDirection>;
};

/** Fields to change; null clears one, one left out stays. */
export type ContactCompanyUpdateInput = {
  /** Company */
  companyId?: InputMaybe<Scalars['ID']['input']>;
  /** Contact */
  contactId?: InputMaybe<Scalars['ID']['input']>;
  /** From */
  fromOn?: InputMaybe<Scalars['Date']['input']>;
  /** Role */
  role?: InputMaybe<Scalars['String']['input']>;
  /** Until */
  toOn?: InputMaybe<Scalars['Date']['input']>;
};

/** A new record. */
export type ContactCreateInput = {
  /** Audience: one of consumer, professional, generic */
  audience?: InputMaybe<Scalars['String']['input']>;
  /** Date of birth */
  birthDate?: InputMaybe<Scalars['Date']['input']>;
  /** City */
  city?: InputMaybe<Scalars['String']['input']>;
  /** Company */
  companyId?: InputMaybe<Scalars['ID']['input']>;
  /** Country of residence */
  country?: InputMaybe<Scalars['String']['input']>;
  /** E-mail */
  email?: InputMaybe<Scalars['String']['input']>;
  /** First name */
  firstName?: InputMaybe<Scalars['String']['input']>;
  /** Health */
  healthNote?: InputMaybe<Scalars['String']['input']>;
  /** Job title */
  jobTitle?: InputMaybe<Scalars['String']['input']>;
  /** Kind of person: one of prospect, customer, former_customer, employee, employee_of_client, supplier_vendor, patient, visitor, child */
  kind?: InputMaybe<Scalars['String']['input']>;
  /** Last contact from the person */
  lastInboundContactAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** Last name */
  lastName: Scalars['String']['input'];
  /** Last e-mail opened */
  lastOpenAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** Under legal hold */
  legalHold?: InputMaybe<Scalars['Boolean']['input']>;
  /** National id */
  nationalId?: InputMaybe<Scalars['String']['input']>;
  /** Offences and convictions */
  offenceNote?: InputMaybe<Scalars['String']['input']>;
  /** Bought from us */
  ownCustomer?: InputMaybe<Scalars['Boolean']['input']>;
  /** Owner */
  ownerId?: InputMaybe<Scalars['ID']['input']>;
  /** Phone */
  phone?: InputMaybe<Scalars['String']['input']>;
  /** Second phone */
  phone2?: InputMaybe<Scalars['String']['input']>;
  /** End of the relation */
  relationEndAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** Religious or philosophical belief */
  religiousBelief?: InputMaybe<Scalars['String']['input']>;
  /** Processing restricted (Art. 18) */
  restricted?: InputMaybe<Scalars['Boolean']['input']>;
  /** Restricted since */
  restrictedAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** Person told of the end of the restriction */
  restrictionLiftToldAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** Source */
  source?: InputMaybe<Scalars['String']['input']>;
  /** Where the special categories come from: one of person, public_by_person, public_by_third_party, professional, inferred */
  specialSource?: InputMaybe<Scalars['String']['input']>;
  /** Website */
  website?: InputMaybe<Scalars['String']['input']>;
};

/** A new record. */
export type ContactEmailCreateInput = {
  /** Contact */
  contactId: Scalars['ID']['input'];
  /** E-mail */
  email?: InputMaybe<Scalars['String']['input']>;
  /** Does not arrive */
  invalid?: InputMaybe<Scalars['Boolean']['input']>;
  /** Type: one of work, home, other */
  kind?: InputMaybe<Scalars['String']['input']>;
  /** Opted out */
  optedOut?: InputMaybe<Scalars['Boolean']['input']>;
};

/** Which records, by shown values; all parts must hold. */
export type ContactEmailFilter = {
  and?: InputMaybe<Array<ContactEmailFilter>>;
  /** When the data was collected. */
  collectedAt?: InputMaybe<DateTimeFilter>;
  /** The purpose of collection. */
  collectedFor?: InputMaybe<StringFilter>;
  contact?: InputMaybe<ContactFilter>;
  /** Contact */
  contactId?: InputMaybe<IdFilter>;
  /** When the record was created here. */
  createdAt?: InputMaybe<DateTimeFilter>;
  /** When the record went into the trash; null for live records. */
  deletedAt?: InputMaybe<DateTimeFilter>;
  /** E-mail */
  email?: InputMaybe<StringFilter>;
  /** Opaque id of the record. */
  id?: InputMaybe<IdFilter>;
  /** Does not arrive */
  invalid?: InputMaybe<BooleanFilter>;
  /** Type: one of work, home, other */
  kind?: InputMaybe<KeyFilter>;
  not?: InputMaybe<ContactEmailFilter>;
  /** Opted out */
  optedOut?: InputMaybe<BooleanFilter>;
  /** Some part must hold; an empty list matches nothing. */
  or?: InputMaybe<Array<ContactEmailFilter>>;
  /** When the record was last changed. */
  updatedAt?: InputMaybe<DateTimeFilter>;
  /** Grows by one with each change; send it as `expectedVersion`. */
  version?: InputMaybe<IntFilter>;
};

/** A field whose shown values make the groups. */
export type ContactEmailGroupField =
  /** When the data was collected. */
  | 'collectedAt'
  /** The purpose of collection. */
  | 'collectedFor'
  /** Contact */
  | 'contactId'
  /** When the record was created here. */
  | 'createdAt'
  /** When the record went into the trash; null for live records. */
  | 'deletedAt'
  /** E-mail */
  | 'email'
  /** Does not arrive */
  | 'invalid'
  /** Type: one of work, home, other */
  | 'kind'
  /** Opted out */
  | 'optedOut'
  /** When the record was last changed. */
  | 'updatedAt';

/** Tests of the visible records on the other side of a reference. */
export type ContactEmailListFilter = {
  /** No record matches. */
  none?: InputMaybe<ContactEmailFilter>;
  /** Some record matches. */
  some?: InputMaybe<ContactEmailFilter>;
};

/** One order key: exactly one field. */
export type ContactEmailOrderBy = {
  collectedAt?: InputMaybe<OrderByDirection>;
  collectedFor?: InputMaybe<OrderByDirection>;
  createdAt?: InputMaybe<OrderByDirection>;
  deletedAt?: InputMaybe<OrderByDirection>;
  email?: InputMaybe<OrderByDirection>;
  invalid?: InputMaybe<OrderByDirection>;
  kind?: InputMaybe<OrderByDirection>;
  optedOut?: InputMaybe<OrderByDirection>;
  updatedAt?: InputMaybe<OrderByDirection>;
  version?: InputMaybe<OrderByDirection>;
};

/** Fields to change; null clears one, one left out stays. */
export type ContactEmailUpdateInput = {
  /** Contact */
  contactId?: InputMaybe<Scalars['ID']['input']>;
  /** E-mail */
  email?: InputMaybe<Scalars['String']['input']>;
  /** Does not arrive */
  invalid?: InputMaybe<Scalars['Boolean']['input']>;
  /** Type: one of work, home, other */
  kind?: InputMaybe<Scalars['String']['input']>;
  /** Opted out */
  optedOut?: InputMaybe<Scalars['Boolean']['input']>;
};

/** Which records, by shown values; all parts must hold. */
export type ContactFilter = {
  activities?: InputMaybe<ActivityListFilter>;
  addresses?: InputMaybe<ContactAddressListFilter>;
  and?: InputMaybe<Array<ContactFilter>>;
  attachments?: InputMaybe<AttachmentListFilter>;
  /** Audience: one of consumer, professional, generic */
  audience?: InputMaybe<KeyFilter>;
  /** Date of birth */
  birthDate?: InputMaybe<DateFilter>;
  /** City */
  city?: InputMaybe<StringFilter>;
  /** When the data was collected. */
  collectedAt?: InputMaybe<DateTimeFilter>;
  /** The purpose of collection. */
  collectedFor?: InputMaybe<StringFilter>;
  company?: InputMaybe<CompanyFilter>;
  /** Company */
  companyId?: InputMaybe<IdFilter>;
  consentEvents?: InputMaybe<ConsentEventListFilter>;
  /** Country of residence */
  country?: InputMaybe<KeyFilter>;
  /** When the record was created here. */
  createdAt?: InputMaybe<DateTimeFilter>;
  deals?: InputMaybe<DealListFilter>;
  /** When the record went into the trash; null for live records. */
  deletedAt?: InputMaybe<DateTimeFilter>;
  /** E-mail */
  email?: InputMaybe<StringFilter>;
  emails?: InputMaybe<ContactEmailListFilter>;
  /** First name */
  firstName?: InputMaybe<StringFilter>;
  /** Health */
  healthNote?: InputMaybe<StringFilter>;
  /** Opaque id of the record. */
  id?: InputMaybe<IdFilter>;
  /** Job title */
  jobTitle?: InputMaybe<StringFilter>;
  /** Kind of person: one of prospect, customer, former_customer, employee, employee_of_client, supplier_vendor, patient, visitor, child */
  kind?: InputMaybe<KeyFilter>;
  /** Last contact from the person */
  lastInboundContactAt?: InputMaybe<DateTimeFilter>;
  /** Last name */
  lastName?: InputMaybe<StringFilter>;
  /** Last e-mail opened */
  lastOpenAt?: InputMaybe<DateTimeFilter>;
  leads?: InputMaybe<LeadListFilter>;
  /** Under legal hold */
  legalHold?: InputMaybe<BooleanFilter>;
  mergedInto?: InputMaybe<ContactFilter>;
  /** Became part of */
  mergedIntoId?: InputMaybe<IdFilter>;
  /** National id */
  nationalId?: InputMaybe<StringFilter>;
  not?: InputMaybe<ContactFilter>;
  /** Offences and convictions */
  offenceNote?: InputMaybe<StringFilter>;
  /** Some part must hold; an empty list matches nothing. */
  or?: InputMaybe<Array<ContactFilter>>;
  /** Bought from us */
  ownCustomer?: InputMaybe<BooleanFilter>;
  owner?: InputMaybe<UserFilter>;
  /** Owner */
  ownerId?: InputMaybe<IdFilter>;
  participations?: InputMaybe<DealContactListFilter>;
  /** Phone */
  phone?: InputMaybe<StringFilter>;
  /** Second phone */
  phone2?: InputMaybe<StringFilter>;
  phones?: InputMaybe<ContactPhoneListFilter>;
  positions?: InputMaybe<ContactCompanyListFilter>;
  /** End of the relation */
  relationEndAt?: InputMaybe<DateTimeFilter>;
  /** Religious or philosophical belief */
  religiousBelief?: InputMaybe<StringFilter>;
  /** Processing restricted (Art. 18) */
  restricted?: InputMaybe<BooleanFilter>;
  /** Restricted since */
  restrictedAt?: InputMaybe<DateTimeFilter>;
  /** Person told of the end of the restriction */
  restrictionLiftToldAt?: InputMaybe<DateTimeFilter>;
  /** Source */
  source?: InputMaybe<StringFilter>;
  /** Where the special categories come from: one of person, public_by_person, public_by_third_party, professional, inferred */
  specialSource?: InputMaybe<KeyFilter>;
  taggings?: InputMaybe<TaggingListFilter>;
  /** When the record was last changed. */
  updatedAt?: InputMaybe<DateTimeFilter>;
  /** Grows by one with each change; send it as `expectedVersion`. */
  version?: InputMaybe<IntFilter>;
  /** Website */
  website?: InputMaybe<StringFilter>;
};

/** A field whose shown values make the groups. */
export type ContactGroupField =
  /** Audience: one of consumer, professional, generic */
  | 'audience'
  /** Date of birth */
  | 'birthDate'
  /** City */
  | 'city'
  /** When the data was collected. */
  | 'collectedAt'
  /** The purpose of collection. */
  | 'collectedFor'
  /** Company */
  | 'companyId'
  /** Country of residence */
  | 'country'
  /** When the record was created here. */
  | 'createdAt'
  /** When the record went into the trash; null for live records. */
  | 'deletedAt'
  /** E-mail */
  | 'email'
  /** First name */
  | 'firstName'
  /** Health */
  | 'healthNote'
  /** Job title */
  | 'jobTitle'
  /** Kind of person: one of prospect, customer, former_customer, employee, employee_of_client, supplier_vendor, patient, visitor, child */
  | 'kind'
  /** Last contact from the person */
  | 'lastInboundContactAt'
  /** Last name */
  | 'lastName'
  /** Last e-mail opened */
  | 'lastOpenAt'
  /** Under legal hold */
  | 'legalHold'
  /** Became part of */
  | 'mergedIntoId'
  /** National id */
  | 'nationalId'
  /** Offences and convictions */
  | 'offenceNote'
  /** Bought from us */
  | 'ownCustomer'
  /** Owner */
  | 'ownerId'
  /** Phone */
  | 'phone'
  /** Second phone */
  | 'phone2'
  /** End of the relation */
  | 'relationEndAt'
  /** Religious or philosophical belief */
  | 'religiousBelief'
  /** Processing restricted (Art. 18) */
  | 'restricted'
  /** Restricted since */
  | 'restrictedAt'
  /** Person told of the end of the restriction */
  | 'restrictionLiftToldAt'
  /** Source */
  | 'source'
  /** Where the special categories come from: one of person, public_by_person, public_by_third_party, professional, inferred */
  | 'specialSource'
  /** When the record was last changed. */
  | 'updatedAt'
  /** Website */
  | 'website';

/** Tests of the visible records on the other side of a reference. */
export type ContactListFilter = {
  /** No record matches. */
  none?: InputMaybe<ContactFilter>;
  /** Some record matches. */
  some?: InputMaybe<ContactFilter>;
};

/** One order key: exactly one field. */
export type ContactOrderBy = {
  audience?: InputMaybe<OrderByDirection>;
  birthDate?: InputMaybe<OrderByDirection>;
  city?: InputMaybe<OrderByDirection>;
  collectedAt?: InputMaybe<OrderByDirection>;
  collectedFor?: InputMaybe<OrderByDirection>;
  country?: InputMaybe<OrderByDirection>;
  createdAt?: InputMaybe<OrderByDirection>;
  deletedAt?: InputMaybe<OrderByDirection>;
  email?: InputMaybe<OrderByDirection>;
  firstName?: InputMaybe<OrderByDirection>;
  healthNote?: InputMaybe<OrderByDirection>;
  jobTitle?: InputMaybe<OrderByDirection>;
  kind?: InputMaybe<OrderByDirection>;
  lastInboundContactAt?: InputMaybe<OrderByDirection>;
  lastName?: InputMaybe<OrderByDirection>;
  lastOpenAt?: InputMaybe<OrderByDirection>;
  legalHold?: InputMaybe<OrderByDirection>;
  nationalId?: InputMaybe<OrderByDirection>;
  offenceNote?: InputMaybe<OrderByDirection>;
  ownCustomer?: InputMaybe<OrderByDirection>;
  phone?: InputMaybe<OrderByDirection>;
  phone2?: InputMaybe<OrderByDirection>;
  relationEndAt?: InputMaybe<OrderByDirection>;
  religiousBelief?: InputMaybe<OrderByDirection>;
  restricted?: InputMaybe<OrderByDirection>;
  restrictedAt?: InputMaybe<OrderByDirection>;
  restrictionLiftToldAt?: InputMaybe<OrderByDirection>;
  source?: InputMaybe<OrderByDirection>;
  specialSource?: InputMaybe<OrderByDirection>;
  updatedAt?: InputMaybe<OrderByDirection>;
  version?: InputMaybe<OrderByDirection>;
  website?: InputMaybe<OrderByDirection>;
};

/** A new record. */
export type ContactPhoneCreateInput = {
  /** Contact */
  contactId: Scalars['ID']['input'];
  /** Does not answer */
  invalid?: InputMaybe<Scalars['Boolean']['input']>;
  /** Type: one of work, mobile, home, fax, other */
  kind?: InputMaybe<Scalars['String']['input']>;
  /** Opted out */
  optedOut?: InputMaybe<Scalars['Boolean']['input']>;
  /** Phone */
  phone?: InputMaybe<Scalars['String']['input']>;
};

/** Which records, by shown values; all parts must hold. */
export type ContactPhoneFilter = {
  and?: InputMaybe<Array<ContactPhoneFilter>>;
  /** When the data was collected. */
  collectedAt?: InputMaybe<DateTimeFilter>;
  /** The purpose of collection. */
  collectedFor?: InputMaybe<StringFilter>;
  contact?: InputMaybe<ContactFilter>;
  /** Contact */
  contactId?: InputMaybe<IdFilter>;
  /** When the record was created here. */
  createdAt?: InputMaybe<DateTimeFilter>;
  /** When the record went into the trash; null for live records. */
  deletedAt?: InputMaybe<DateTimeFilter>;
  /** Opaque id of the record. */
  id?: InputMaybe<IdFilter>;
  /** Does not answer */
  invalid?: InputMaybe<BooleanFilter>;
  /** Type: one of work, mobile, home, fax, other */
  kind?: InputMaybe<KeyFilter>;
  not?: InputMaybe<ContactPhoneFilter>;
  /** Opted out */
  optedOut?: InputMaybe<BooleanFilter>;
  /** Some part must hold; an empty list matches nothing. */
  or?: InputMaybe<Array<ContactPhoneFilter>>;
  /** Phone */
  phone?: InputMaybe<StringFilter>;
  /** When the record was last changed. */
  updatedAt?: InputMaybe<DateTimeFilter>;
  /** Grows by one with each change; send it as `expectedVersion`. */
  version?: InputMaybe<IntFilter>;
};

/** A field whose shown values make the groups. */
export type ContactPhoneGroupField =
  /** When the data was collected. */
  | 'collectedAt'
  /** The purpose of collection. */
  | 'collectedFor'
  /** Contact */
  | 'contactId'
  /** When the record was created here. */
  | 'createdAt'
  /** When the record went into the trash; null for live records. */
  | 'deletedAt'
  /** Does not answer */
  | 'invalid'
  /** Type: one of work, mobile, home, fax, other */
  | 'kind'
  /** Opted out */
  | 'optedOut'
  /** Phone */
  | 'phone'
  /** When the record was last changed. */
  | 'updatedAt';

/** Tests of the visible records on the other side of a reference. */
export type ContactPhoneListFilter = {
  /** No record matches. */
  none?: InputMaybe<ContactPhoneFilter>;
  /** Some record matches. */
  some?: InputMaybe<ContactPhoneFilter>;
};

/** One order key: exactly one field. */
export type ContactPhoneOrderBy = {
  collectedAt?: InputMaybe<OrderByDirection>;
  collectedFor?: InputMaybe<OrderByDirection>;
  createdAt?: InputMaybe<OrderByDirection>;
  deletedAt?: InputMaybe<OrderByDirection>;
  invalid?: InputMaybe<OrderByDirection>;
  kind?: InputMaybe<OrderByDirection>;
  optedOut?: InputMaybe<OrderByDirection>;
  phone?: InputMaybe<OrderByDirection>;
  updatedAt?: InputMaybe<OrderByDirection>;
  version?: InputMaybe<OrderByDirection>;
};

/** Fields to change; null clears one, one left out stays. */
export type ContactPhoneUpdateInput = {
  /** Contact */
  contactId?: InputMaybe<Scalars['ID']['input']>;
  /** Does not answer */
  invalid?: InputMaybe<Scalars['Boolean']['input']>;
  /** Type: one of work, mobile, home, fax, other */
  kind?: InputMaybe<Scalars['String']['input']>;
  /** Opted out */
  optedOut?: InputMaybe<Scalars['Boolean']['input']>;
  /** Phone */
  phone?: InputMaybe<Scalars['String']['input']>;
};

/** Fields to change; null clears one, one left out stays. */
export type ContactUpdateInput = {
  /** Audience: one of consumer, professional, generic */
  audience?: InputMaybe<Scalars['String']['input']>;
  /** Date of birth */
  birthDate?: InputMaybe<Scalars['Date']['input']>;
  /** City */
  city?: InputMaybe<Scalars['String']['input']>;
  /** Company */
  companyId?: InputMaybe<Scalars['ID']['input']>;
  /** Country of residence */
  country?: InputMaybe<Scalars['String']['input']>;
  /** E-mail */
  email?: InputMaybe<Scalars['String']['input']>;
  /** First name */
  firstName?: InputMaybe<Scalars['String']['input']>;
  /** Health */
  healthNote?: InputMaybe<Scalars['String']['input']>;
  /** Job title */
  jobTitle?: InputMaybe<Scalars['String']['input']>;
  /** Kind of person: one of prospect, customer, former_customer, employee, employee_of_client, supplier_vendor, patient, visitor, child */
  kind?: InputMaybe<Scalars['String']['input']>;
  /** Last contact from the person */
  lastInboundContactAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** Last name */
  lastName?: InputMaybe<Scalars['String']['input']>;
  /** Last e-mail opened */
  lastOpenAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** Under legal hold */
  legalHold?: InputMaybe<Scalars['Boolean']['input']>;
  /** National id */
  nationalId?: InputMaybe<Scalars['String']['input']>;
  /** Offences and convictions */
  offenceNote?: InputMaybe<Scalars['String']['input']>;
  /** Bought from us */
  ownCustomer?: InputMaybe<Scalars['Boolean']['input']>;
  /** Owner */
  ownerId?: InputMaybe<Scalars['ID']['input']>;
  /** Phone */
  phone?: InputMaybe<Scalars['String']['input']>;
  /** Second phone */
  phone2?: InputMaybe<Scalars['String']['input']>;
  /** End of the relation */
  relationEndAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** Religious or philosophical belief */
  religiousBelief?: InputMaybe<Scalars['String']['input']>;
  /** Processing restricted (Art. 18) */
  restricted?: InputMaybe<Scalars['Boolean']['input']>;
  /** Restricted since */
  restrictedAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** Person told of the end of the restriction */
  restrictionLiftToldAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** Source */
  source?: InputMaybe<Scalars['String']['input']>;
  /** Where the special categories come from: one of person, public_by_person, public_by_third_party, professional, inferred */
  specialSource?: InputMaybe<Scalars['String']['input']>;
  /** Website */
  website?: InputMaybe<Scalars['String']['input']>;
};

export type CreateApiKeyInput = {
  /** Where it is used (ISO 3166). */
  country?: InputMaybe<Scalars['String']['input']>;
  /** Meant by requests that name none. */
  defaultPurpose?: InputMaybe<Scalars['String']['input']>;
  /** When it ends by itself. */
  expiresAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** Who or what uses it. */
  name: Scalars['String']['input'];
  /** All of the role when absent. */
  purposes?: InputMaybe<Array<Scalars['String']['input']>>;
  /** On whose behalf the client works. */
  recipient?: InputMaybe<Scalars['ID']['input']>;
  /** How many requests it may send a minute to each server process; the server's limit when absent. */
  requestsPerMinute?: InputMaybe<Scalars['Int']['input']>;
  /** One that may do no more than yours. */
  role: Scalars['String']['input'];
};

export type CreateWebhookInput = {
  /** Through which people would be reached. */
  channel?: InputMaybe<Scalars['String']['input']>;
  /** As the schema names one record: contact. */
  entity: Scalars['String']['input'];
  /** All events when absent. */
  events?: InputMaybe<Array<Scalars['String']['input']>>;
  /** All fields when absent. */
  fields?: InputMaybe<Array<Scalars['String']['input']>>;
  /** For people. */
  name: Scalars['String']['input'];
  /** Needed where personal data is told. */
  purpose?: InputMaybe<Scalars['String']['input']>;
  /** Needed where personal data is told. */
  recipient?: InputMaybe<Scalars['ID']['input']>;
  /** Role under which the records are read. */
  role: Scalars['String']['input'];
  /** Where deliveries are posted; https. */
  url: Scalars['String']['input'];
};

export type CustomFieldChange = {
  /** More for people. */
  description?: InputMaybe<Scalars['String']['input']>;
  /** In French. */
  descriptionFr?: InputMaybe<Scalars['String']['input']>;
  /** For people, in English. */
  label?: InputMaybe<Scalars['String']['input']>;
  /** In French. */
  labelFr?: InputMaybe<Scalars['String']['input']>;
  /** All options, the old ones among them. */
  options?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Whether a new record must give it. */
  required?: InputMaybe<Scalars['Boolean']['input']>;
};

export type CustomFieldInput = {
  /** Data category (fideslang), by which policies decide; needed. */
  category?: InputMaybe<Scalars['String']['input']>;
  /** email, phone or post: shown where that channel may be used. */
  channel?: InputMaybe<Scalars['String']['input']>;
  /** More for people. */
  description?: InputMaybe<Scalars['String']['input']>;
  /** In French. */
  descriptionFr?: InputMaybe<Scalars['String']['input']>;
  /** It identifies a person by itself. */
  directIdentifier?: InputMaybe<Scalars['Boolean']['input']>;
  /** The object that gets it: contact. Left out where it comes with its object. */
  entity?: InputMaybe<Scalars['String']['input']>;
  /** What is left of it when the person goes; needed. */
  erasure?: InputMaybe<ErasureStrategy>;
  /** People may write anything into it; true for a TEXT unless told. */
  freeText?: InputMaybe<Scalars['Boolean']['input']>;
  /** For people, in English. */
  label: Scalars['String']['input'];
  /** In French. */
  labelFr?: InputMaybe<Scalars['String']['input']>;
  /** The best of a rating. */
  max?: InputMaybe<Scalars['Int']['input']>;
  /** As the schema shall name it: shoeSize. */
  name: Scalars['String']['input'];
  /** Keys of a selection. */
  options?: InputMaybe<Array<Scalars['String']['input']>>;
  /** The object that a relation leads to. */
  relation?: InputMaybe<Scalars['String']['input']>;
  /** A new record must give it. */
  required?: InputMaybe<Scalars['Boolean']['input']>;
  /** Retention class, which says how long it may be kept; needed. */
  retention?: InputMaybe<Scalars['String']['input']>;
  /** 1 to 10: how much a word found here counts in a search. */
  searchable?: InputMaybe<Scalars['Int']['input']>;
  /** art9, art10 or national_id; implied where the category says it. */
  special?: InputMaybe<Scalars['String']['input']>;
  /** It never changes. */
  type: CustomFieldType;
};

export type CustomFieldType =
  | 'BOOLEAN'
  | 'DATE'
  /** An exact decimal with at most four places. */
  | 'DECIMAL'
  | 'EMAIL'
  /** A web address. */
  | 'LINK'
  /** An exact amount, with its currency (ISO 4217) in a field beside it. */
  | 'MONEY'
  /** Some of the options. */
  | 'MULTI_SELECT'
  /** A whole number. */
  | 'NUMBER'
  | 'PHONE'
  /** From 1 to `max`. */
  | 'RATING'
  /** A record of another object. */
  | 'RELATION'
  /** One of the options. */
  | 'SELECT'
  /** A text of up to 1500 bytes. */
  | 'TEXT'
  | 'TIMESTAMP';

export type CustomObjectChange = {
  /** For people, in English. */
  label?: InputMaybe<Scalars['String']['input']>;
  /** In French. */
  labelFr?: InputMaybe<Scalars['String']['input']>;
};

export type CustomObjectInput = {
  /** contact, for what is about a person: it gets a link. Nobody when left out. */
  about?: InputMaybe<Scalars['String']['input']>;
  /** The first fields. */
  fields: Array<CustomFieldInput>;
  /** For people, in English. */
  label: Scalars['String']['input'];
  /** In French. */
  labelFr?: InputMaybe<Scalars['String']['input']>;
  /** As the schema shall name one record: visit. */
  name: Scalars['String']['input'];
  /** And several: visits. */
  plural: Scalars['String']['input'];
};

/** Tests of a shown value, all of which must hold. A masked or absent value matches `is: NULL` only. */
export type DateFilter = {
  eq?: InputMaybe<Scalars['Date']['input']>;
  gt?: InputMaybe<Scalars['Date']['input']>;
  gte?: InputMaybe<Scalars['Date']['input']>;
  in?: InputMaybe<Array<Scalars['Date']['input']>>;
  is?: InputMaybe<FilterIs>;
  lt?: InputMaybe<Scalars['Date']['input']>;
  lte?: InputMaybe<Scalars['Date']['input']>;
  neq?: InputMaybe<Scalars['Date']['input']>;
};

/** Tests of a shown value, all of which must hold. A masked or absent value matches `is: NULL` only. */
export type DateTimeFilter = {
  eq?: InputMaybe<Scalars['DateTime']['input']>;
  gt?: InputMaybe<Scalars['DateTime']['input']>;
  gte?: InputMaybe<Scalars['DateTime']['input']>;
  in?: InputMaybe<Array<Scalars['DateTime']['input']>>;
  is?: InputMaybe<FilterIs>;
  lt?: InputMaybe<Scalars['DateTime']['input']>;
  lte?: InputMaybe<Scalars['DateTime']['input']>;
  neq?: InputMaybe<Scalars['DateTime']['input']>;
};

/** A new record. */
export type DealContactCreateInput = {
  /** Contact */
  contactId: Scalars['ID']['input'];
  /** Deal */
  dealId: Scalars['ID']['input'];
  /** Role: one of decision_maker, buyer, influencer, user, technical, billing, other */
  role?: InputMaybe<Scalars['String']['input']>;
};

/** Which records, by shown values; all parts must hold. */
export type DealContactFilter = {
  and?: InputMaybe<Array<DealContactFilter>>;
  /** When the data was collected. */
  collectedAt?: InputMaybe<DateTimeFilter>;
  /** The purpose of collection. */
  collectedFor?: InputMaybe<StringFilter>;
  contact?: InputMaybe<ContactFilter>;
  /** Contact */
  contactId?: InputMaybe<IdFilter>;
  /** When the record was created here. */
  createdAt?: InputMaybe<DateTimeFilter>;
  deal?: InputMaybe<DealFilter>;
  /** Deal */
  dealId?: InputMaybe<IdFilter>;
  /** When the record went into the trash; null for live records. */
  deletedAt?: InputMaybe<DateTimeFilter>;
  /** Opaque id of the record. */
  id?: InputMaybe<IdFilter>;
  not?: InputMaybe<DealContactFilter>;
  /** Some part must hold; an empty list matches nothing. */
  or?: InputMaybe<Array<DealContactFilter>>;
  /** Role: one of decision_maker, buyer, influencer, user, technical, billing, other */
  role?: InputMaybe<KeyFilter>;
  /** When the record was last changed. */
  updatedAt?: InputMaybe<DateTimeFilter>;
  /** Grows by one with each change; send it as `expectedVersion`. */
  version?: InputMaybe<IntFilter>;
};

/** A field whose shown values make the groups. */
export type DealContactGroupField =
  /** When the data was collected. */
  | 'collectedAt'
  /** The purpose of collection. */
  | 'collectedFor'
  /** Contact */
  | 'contactId'
  /** When the record was created here. */
  | 'createdAt'
  /** Deal */
  | 'dealId'
  /** When the record went into the trash; null for live records. */
  | 'deletedAt'
  /** Role: one of decision_maker, buyer, influencer, user, technical, billing, other */
  | 'role'
  /** When the record was last changed. */
  | 'updatedAt';

/** Tests of the visible records on the other side of a reference. */
export type DealContactListFilter = {
  /** No record matches. */
  none?: InputMaybe<DealContactFilter>;
  /** Some record matches. */
  some?: InputMaybe<DealContactFilter>;
};

/** One order key: exactly one field. */
export type DealContactOrderBy = {
  collectedAt?: InputMaybe<OrderByDirection>;
  collectedFor?: InputMaybe<OrderByDirection>;
  createdAt?: InputMaybe<OrderByDirection>;
  deletedAt?: InputMaybe<OrderByDirection>;
  role?: InputMaybe<OrderByDirection>;
  updatedAt?: InputMaybe<OrderByDirection>;
  version?: InputMaybe<OrderByDirection>;
};

/** Fields to change; null clears one, one left out stays. */
export type DealContactUpdateInput = {
  /** Contact */
  contactId?: InputMaybe<Scalars['ID']['input']>;
  /** Deal */
  dealId?: InputMaybe<Scalars['ID']['input']>;
  /** Role: one of decision_maker, buyer, influencer, user, technical, billing, other */
  role?: InputMaybe<Scalars['String']['input']>;
};

/** A new record. */
export type DealCreateInput = {
  /** Amount */
  amount?: InputMaybe<Scalars['Decimal']['input']>;
  /** Closed on */
  closedOn?: InputMaybe<Scalars['Date']['input']>;
  /** Company */
  companyId?: InputMaybe<Scalars['ID']['input']>;
  /** Contact */
  contactId?: InputMaybe<Scalars['ID']['input']>;
  /** Currency (ISO 4217) */
  currency?: InputMaybe<Scalars['String']['input']>;
  /** Engaged on */
  engagedOn?: InputMaybe<Scalars['Date']['input']>;
  /** Expected to close on */
  expectedCloseOn?: InputMaybe<Scalars['Date']['input']>;
  /** Why it was lost */
  lostReason?: InputMaybe<Scalars['String']['input']>;
  /** Name */
  name: Scalars['String']['input'];
  /** Note */
  note?: InputMaybe<Scalars['String']['input']>;
  /** Owner */
  ownerId?: InputMaybe<Scalars['ID']['input']>;
  /** Owner (name) */
  ownerName?: InputMaybe<Scalars['String']['input']>;
  /** Pipeline */
  pipelineId?: InputMaybe<Scalars['ID']['input']>;
  /** Stage of the pipeline */
  pipelineStageId?: InputMaybe<Scalars['ID']['input']>;
  /** Probability (%) */
  probability?: InputMaybe<Scalars['Int']['input']>;
  /** Product */
  product?: InputMaybe<Scalars['String']['input']>;
  /** What the product tells of the person: one of none, health, beliefs, orientation, other */
  productSensitivity?: InputMaybe<Scalars['String']['input']>;
  /** Stage: one of prospecting, engaging, won, lost */
  stage?: InputMaybe<Scalars['String']['input']>;
};

/** Which records, by shown values; all parts must hold. */
export type DealFilter = {
  activities?: InputMaybe<ActivityListFilter>;
  /** Amount */
  amount?: InputMaybe<DecimalFilter>;
  and?: InputMaybe<Array<DealFilter>>;
  attachments?: InputMaybe<AttachmentListFilter>;
  /** Closed on */
  closedOn?: InputMaybe<DateFilter>;
  /** When the data was collected. */
  collectedAt?: InputMaybe<DateTimeFilter>;
  /** The purpose of collection. */
  collectedFor?: InputMaybe<StringFilter>;
  company?: InputMaybe<CompanyFilter>;
  /** Company */
  companyId?: InputMaybe<IdFilter>;
  contact?: InputMaybe<ContactFilter>;
  /** Contact */
  contactId?: InputMaybe<IdFilter>;
  /** When the record was created here. */
  createdAt?: InputMaybe<DateTimeFilter>;
  /** Currency (ISO 4217) */
  currency?: InputMaybe<StringFilter>;
  /** When the record went into the trash; null for live records. */
  deletedAt?: InputMaybe<DateTimeFilter>;
  /** Engaged on */
  engagedOn?: InputMaybe<DateFilter>;
  /** Expected to close on */
  expectedCloseOn?: InputMaybe<DateFilter>;
  /** Opaque id of the record. */
  id?: InputMaybe<IdFilter>;
  lines?: InputMaybe<DealLineListFilter>;
  /** Why it was lost */
  lostReason?: InputMaybe<StringFilter>;
  /** Name */
  name?: InputMaybe<StringFilter>;
  not?: InputMaybe<DealFilter>;
  /** Note */
  note?: InputMaybe<StringFilter>;
  /** Some part must hold; an empty list matches nothing. */
  or?: InputMaybe<Array<DealFilter>>;
  owner?: InputMaybe<UserFilter>;
  /** Owner */
  ownerId?: InputMaybe<IdFilter>;
  /** Owner (name) */
  ownerName?: InputMaybe<StringFilter>;
  participants?: InputMaybe<DealContactListFilter>;
  pipeline?: InputMaybe<PipelineFilter>;
  /** Pipeline */
  pipelineId?: InputMaybe<IdFilter>;
  pipelineStage?: InputMaybe<PipelineStageFilter>;
  /** Stage of the pipeline */
  pipelineStageId?: InputMaybe<IdFilter>;
  /** Probability (%) */
  probability?: InputMaybe<IntFilter>;
  /** Product */
  product?: InputMaybe<StringFilter>;
  /** What the product tells of the person: one of none, health, beliefs, orientation, other */
  productSensitivity?: InputMaybe<KeyFilter>;
  /** Stage: one of prospecting, engaging, won, lost */
  stage?: InputMaybe<KeyFilter>;
  taggings?: InputMaybe<TaggingListFilter>;
  /** When the record was last changed. */
  updatedAt?: InputMaybe<DateTimeFilter>;
  /** Grows by one with each change; send it as `expectedVersion`. */
  version?: InputMaybe<IntFilter>;
};

/** A field whose shown values make the groups. */
export type DealGroupField =
  /** Amount */
  | 'amount'
  /** Closed on */
  | 'closedOn'
  /** When the data was collected. */
  | 'collectedAt'
  /** The purpose of collection. */
  | 'collectedFor'
  /** Company */
  | 'companyId'
  /** Contact */
  | 'contactId'
  /** When the record was created here. */
  | 'createdAt'
  /** Currency (ISO 4217) */
  | 'currency'
  /** When the record went into the trash; null for live records. */
  | 'deletedAt'
  /** Engaged on */
  | 'engagedOn'
  /** Expected to close on */
  | 'expectedCloseOn'
  /** Why it was lost */
  | 'lostReason'
  /** Name */
  | 'name'
  /** Note */
  | 'note'
  /** Owner */
  | 'ownerId'
  /** Owner (name) */
  | 'ownerName'
  /** Pipeline */
  | 'pipelineId'
  /** Stage of the pipeline */
  | 'pipelineStageId'
  /** Probability (%) */
  | 'probability'
  /** Product */
  | 'product'
  /** What the product tells of the person: one of none, health, beliefs, orientation, other */
  | 'productSensitivity'
  /** Stage: one of prospecting, engaging, won, lost */
  | 'stage'
  /** When the record was last changed. */
  | 'updatedAt';

/** A new record. */
export type DealLineCreateInput = {
  /** Deal */
  dealId: Scalars['ID']['input'];
  /** Description */
  description?: InputMaybe<Scalars['String']['input']>;
  /** Discount (%) */
  discountPercent?: InputMaybe<Scalars['Decimal']['input']>;
  /** Product */
  productId?: InputMaybe<Scalars['ID']['input']>;
  /** Quantity */
  quantity?: InputMaybe<Scalars['Decimal']['input']>;
  /** Unit price */
  unitPrice?: InputMaybe<Scalars['Decimal']['input']>;
};

/** Which records, by shown values; all parts must hold. */
export type DealLineFilter = {
  and?: InputMaybe<Array<DealLineFilter>>;
  /** When the data was collected. */
  collectedAt?: InputMaybe<DateTimeFilter>;
  /** The purpose of collection. */
  collectedFor?: InputMaybe<StringFilter>;
  /** When the record was created here. */
  createdAt?: InputMaybe<DateTimeFilter>;
  deal?: InputMaybe<DealFilter>;
  /** Deal */
  dealId?: InputMaybe<IdFilter>;
  /** When the record went into the trash; null for live records. */
  deletedAt?: InputMaybe<DateTimeFilter>;
  /** Description */
  description?: InputMaybe<StringFilter>;
  /** Discount (%) */
  discountPercent?: InputMaybe<DecimalFilter>;
  /** Opaque id of the record. */
  id?: InputMaybe<IdFilter>;
  not?: InputMaybe<DealLineFilter>;
  /** Some part must hold; an empty list matches nothing. */
  or?: InputMaybe<Array<DealLineFilter>>;
  product?: InputMaybe<ProductFilter>;
  /** Product */
  productId?: InputMaybe<IdFilter>;
  /** Quantity */
  quantity?: InputMaybe<DecimalFilter>;
  /** Unit price */
  unitPrice?: InputMaybe<DecimalFilter>;
  /** When the record was last changed. */
  updatedAt?: InputMaybe<DateTimeFilter>;
  /** Grows by one with each change; send it as `expectedVersion`. */
  version?: InputMaybe<IntFilter>;
};

/** A field whose shown values make the groups. */
export type DealLineGroupField =
  /** When the data was collected. */
  | 'collectedAt'
  /** The purpose of collection. */
  | 'collectedFor'
  /** When the record was created here. */
  | 'createdAt'
  /** Deal */
  | 'dealId'
  /** When the record went into the trash; null for live records. */
  | 'deletedAt'
  /** Description */
  | 'description'
  /** Discount (%) */
  | 'discountPercent'
  /** Product */
  | 'productId'
  /** Quantity */
  | 'quantity'
  /** Unit price */
  | 'unitPrice'
  /** When the record was last changed. */
  | 'updatedAt';

/** Tests of the visible records on the other side of a reference. */
export type DealLineListFilter = {
  /** No record matches. */
  none?: InputMaybe<DealLineFilter>;
  /** Some record matches. */
  some?: InputMaybe<DealLineFilter>;
};

/** One order key: exactly one field. */
export type DealLineOrderBy = {
  collectedAt?: InputMaybe<OrderByDirection>;
  collectedFor?: InputMaybe<OrderByDirection>;
  createdAt?: InputMaybe<OrderByDirection>;
  deletedAt?: InputMaybe<OrderByDirection>;
  description?: InputMaybe<OrderByDirection>;
  discountPercent?: InputMaybe<OrderByDirection>;
  quantity?: InputMaybe<OrderByDirection>;
  unitPrice?: InputMaybe<OrderByDirection>;
  updatedAt?: InputMaybe<OrderByDirection>;
  version?: InputMaybe<OrderByDirection>;
};

/** Fields to change; null clears one, one left out stays. */
export type DealLineUpdateInput = {
  /** Deal */
  dealId?: InputMaybe<Scalars['ID']['input']>;
  /** Description */
  description?: InputMaybe<Scalars['String']['input']>;
  /** Discount (%) */
  discountPercent?: InputMaybe<Scalars['Decimal']['input']>;
  /** Product */
  productId?: InputMaybe<Scalars['ID']['input']>;
  /** Quantity */
  quantity?: InputMaybe<Scalars['Decimal']['input']>;
  /** Unit price */
  unitPrice?: InputMaybe<Scalars['Decimal']['input']>;
};

/** Tests of the visible records on the other side of a reference. */
export type DealListFilter = {
  /** No record matches. */
  none?: InputMaybe<DealFilter>;
  /** Some record matches. */
  some?: InputMaybe<DealFilter>;
};

/** One order key: exactly one field. */
export type DealOrderBy = {
  amount?: InputMaybe<OrderByDirection>;
  closedOn?: InputMaybe<OrderByDirection>;
  collectedAt?: InputMaybe<OrderByDirection>;
  collectedFor?: InputMaybe<OrderByDirection>;
  createdAt?: InputMaybe<OrderByDirection>;
  currency?: InputMaybe<OrderByDirection>;
  deletedAt?: InputMaybe<OrderByDirection>;
  engagedOn?: InputMaybe<OrderByDirection>;
  expectedCloseOn?: InputMaybe<OrderByDirection>;
  lostReason?: InputMaybe<OrderByDirection>;
  name?: InputMaybe<OrderByDirection>;
  note?: InputMaybe<OrderByDirection>;
  ownerName?: InputMaybe<OrderByDirection>;
  probability?: InputMaybe<OrderByDirection>;
  product?: InputMaybe<OrderByDirection>;
  productSensitivity?: InputMaybe<OrderByDirection>;
  stage?: InputMaybe<OrderByDirection>;
  updatedAt?: InputMaybe<OrderByDirection>;
  version?: InputMaybe<OrderByDirection>;
};

/** Fields to change; null clears one, one left out stays. */
export type DealUpdateInput = {
  /** Amount */
  amount?: InputMaybe<Scalars['Decimal']['input']>;
  /** Closed on */
  closedOn?: InputMaybe<Scalars['Date']['input']>;
  /** Company */
  companyId?: InputMaybe<Scalars['ID']['input']>;
  /** Contact */
  contactId?: InputMaybe<Scalars['ID']['input']>;
  /** Currency (ISO 4217) */
  currency?: InputMaybe<Scalars['String']['input']>;
  /** Engaged on */
  engagedOn?: InputMaybe<Scalars['Date']['input']>;
  /** Expected to close on */
  expectedCloseOn?: InputMaybe<Scalars['Date']['input']>;
  /** Why it was lost */
  lostReason?: InputMaybe<Scalars['String']['input']>;
  /** Name */
  name?: InputMaybe<Scalars['String']['input']>;
  /** Note */
  note?: InputMaybe<Scalars['String']['input']>;
  /** Owner */
  ownerId?: InputMaybe<Scalars['ID']['input']>;
  /** Owner (name) */
  ownerName?: InputMaybe<Scalars['String']['input']>;
  /** Pipeline */
  pipelineId?: InputMaybe<Scalars['ID']['input']>;
  /** Stage of the pipeline */
  pipelineStageId?: InputMaybe<Scalars['ID']['input']>;
  /** Probability (%) */
  probability?: InputMaybe<Scalars['Int']['input']>;
  /** Product */
  product?: InputMaybe<Scalars['String']['input']>;
  /** What the product tells of the person: one of none, health, beliefs, orientation, other */
  productSensitivity?: InputMaybe<Scalars['String']['input']>;
  /** Stage: one of prospecting, engaging, won, lost */
  stage?: InputMaybe<Scalars['String']['input']>;
};

/** Tests of a shown value, all of which must hold. A masked or absent value matches `is: NULL` only. */
export type DecimalFilter = {
  eq?: InputMaybe<Scalars['Decimal']['input']>;
  gt?: InputMaybe<Scalars['Decimal']['input']>;
  gte?: InputMaybe<Scalars['Decimal']['input']>;
  in?: InputMaybe<Array<Scalars['Decimal']['input']>>;
  is?: InputMaybe<FilterIs>;
  lt?: InputMaybe<Scalars['Decimal']['input']>;
  lte?: InputMaybe<Scalars['Decimal']['input']>;
  neq?: InputMaybe<Scalars['Decimal']['input']>;
};

export type ErasureStrategy =
  /** The whole record goes; on objects of your own. */
  | 'DELETE'
  /** A keyed hash is left. */
  | 'HMAC'
  /** The field is emptied. */
  | 'NULLIFY'
  /** It stays; for what says nothing about a person. */
  | 'PRESERVE';

/** Whoever would ask. */
export type ExplainAs = {
  /** Their opaque id; your own when left out. */
  actor?: InputMaybe<Scalars['ID']['input']>;
  /** An instant that has passed. */
  at?: InputMaybe<Scalars['DateTime']['input']>;
  /** Whether a break-glass runs for them; for roles that may start one. */
  breakGlass?: InputMaybe<Scalars['Boolean']['input']>;
  /** The channel that they name. */
  channel?: InputMaybe<Scalars['String']['input']>;
  /** Country where they work; your own when left out. */
  country?: InputMaybe<Scalars['String']['input']>;
  /** The clock of the access, past or future; in a sandbox only. */
  now?: InputMaybe<Scalars['DateTime']['input']>;
  /** The purpose that they name. */
  purpose?: InputMaybe<Scalars['String']['input']>;
  /** Several purposes: the intersection decides. */
  purposes?: InputMaybe<Array<InputMaybe<Scalars['String']['input']>>>;
  /** The recipient on whose behalf they ask. */
  recipient?: InputMaybe<Scalars['ID']['input']>;
  /** Their role. */
  role: Scalars['String']['input'];
  /** The version of the policies; the current one when left out. */
  setVersion?: InputMaybe<Scalars['Int']['input']>;
};

export type ExplainHook =
  /** Reading; with a recipient, its disclosure too. */
  | 'READ'
  /** Destroying or archiving it when it is due. */
  | 'RETENTION'
  /** Disclosing the record to the recipient. */
  | 'TRANSFER'
  /** Writing the record as it stands. */
  | 'WRITE';

export type FactBasis =
  /** The value of now; the access is of now too. */
  | 'NOW'
  /** Not kept by time: the present value. */
  | 'PRESENT'
  /** The value of the instant asked for. */
  | 'THEN'
  /** Changed since, and the value of the instant is not kept: taken as unknown. */
  | 'UNKNOWN';

/** Whether a shown value is there. */
export type FilterIs =
  | 'NOT_NULL'
  | 'NULL';

/** Tests of a shown value, all of which must hold. A masked or absent value matches `is: NULL` only. */
export type IdFilter = {
  eq?: InputMaybe<Scalars['ID']['input']>;
  in?: InputMaybe<Array<Scalars['ID']['input']>>;
  is?: InputMaybe<FilterIs>;
  neq?: InputMaybe<Scalars['ID']['input']>;
};

/** Tests of a shown value, all of which must hold. A masked or absent value matches `is: NULL` only. */
export type IntFilter = {
  eq?: InputMaybe<Scalars['Int']['input']>;
  gt?: InputMaybe<Scalars['Int']['input']>;
  gte?: InputMaybe<Scalars['Int']['input']>;
  in?: InputMaybe<Array<Scalars['Int']['input']>>;
  is?: InputMaybe<FilterIs>;
  lt?: InputMaybe<Scalars['Int']['input']>;
  lte?: InputMaybe<Scalars['Int']['input']>;
  neq?: InputMaybe<Scalars['Int']['input']>;
};

export type InviteUserInput = {
  /** Where the user works (ISO 3166). */
  country?: InputMaybe<Scalars['String']['input']>;
  /** What the user signs in with. */
  email: Scalars['String']['input'];
  name: Scalars['String']['input'];
  /** One that may do no more than yours. */
  role: Scalars['String']['input'];
  /** Id of the user's `Team`. */
  team?: InputMaybe<Scalars['ID']['input']>;
};

/** Tests of a shown value, all of which must hold. A masked or absent value matches `is: NULL` only. */
export type KeyFilter = {
  eq?: InputMaybe<Scalars['String']['input']>;
  in?: InputMaybe<Array<Scalars['String']['input']>>;
  is?: InputMaybe<FilterIs>;
  neq?: InputMaybe<Scalars['String']['input']>;
};

/** Tests of a shown value, all of which must hold. A masked or absent value matches `is: NULL` only. */
export type KeysFilter = {
  /** This key is chosen. */
  has?: InputMaybe<Scalars['String']['input']>;
  /** All of these keys are chosen. */
  hasAll?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Some of these keys is chosen. */
  hasAny?: InputMaybe<Array<Scalars['String']['input']>>;
  is?: InputMaybe<FilterIs>;
};

/** A new record. */
export type LeadCreateInput = {
  /** Company */
  companyId?: InputMaybe<Scalars['ID']['input']>;
  /** Contact */
  contactId: Scalars['ID']['input'];
  /** Converted at */
  convertedAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** Currency (ISO 4217) */
  currency?: InputMaybe<Scalars['String']['input']>;
  /** Deal it became */
  dealId?: InputMaybe<Scalars['ID']['input']>;
  /** Estimated value */
  estimatedValue?: InputMaybe<Scalars['Decimal']['input']>;
  /** Why it was lost */
  lostReason?: InputMaybe<Scalars['String']['input']>;
  /** Note */
  note?: InputMaybe<Scalars['String']['input']>;
  /** Owner */
  ownerId?: InputMaybe<Scalars['ID']['input']>;
  /** Rating: one of cold, warm, hot */
  rating?: InputMaybe<Scalars['String']['input']>;
  /** Source: one of web, referral, event, campaign, call, partner, import, other */
  source?: InputMaybe<Scalars['String']['input']>;
  /** Status: one of new, working, qualified, unqualified, converted */
  status?: InputMaybe<Scalars['String']['input']>;
  /** Title */
  title: Scalars['String']['input'];
};

/** Which records, by shown values; all parts must hold. */
export type LeadFilter = {
  activities?: InputMaybe<ActivityListFilter>;
  and?: InputMaybe<Array<LeadFilter>>;
  /** When the data was collected. */
  collectedAt?: InputMaybe<DateTimeFilter>;
  /** The purpose of collection. */
  collectedFor?: InputMaybe<StringFilter>;
  company?: InputMaybe<CompanyFilter>;
  /** Company */
  companyId?: InputMaybe<IdFilter>;
  contact?: InputMaybe<ContactFilter>;
  /** Contact */
  contactId?: InputMaybe<IdFilter>;
  /** Converted at */
  convertedAt?: InputMaybe<DateTimeFilter>;
  /** When the record was created here. */
  createdAt?: InputMaybe<DateTimeFilter>;
  /** Currency (ISO 4217) */
  currency?: InputMaybe<StringFilter>;
  deal?: InputMaybe<DealFilter>;
  /** Deal it became */
  dealId?: InputMaybe<IdFilter>;
  /** When the record went into the trash; null for live records. */
  deletedAt?: InputMaybe<DateTimeFilter>;
  /** Estimated value */
  estimatedValue?: InputMaybe<DecimalFilter>;
  /** Opaque id of the record. */
  id?: InputMaybe<IdFilter>;
  /** Why it was lost */
  lostReason?: InputMaybe<StringFilter>;
  not?: InputMaybe<LeadFilter>;
  /** Note */
  note?: InputMaybe<StringFilter>;
  /** Some part must hold; an empty list matches nothing. */
  or?: InputMaybe<Array<LeadFilter>>;
  owner?: InputMaybe<UserFilter>;
  /** Owner */
  ownerId?: InputMaybe<IdFilter>;
  /** Rating: one of cold, warm, hot */
  rating?: InputMaybe<KeyFilter>;
  /** Source: one of web, referral, event, campaign, call, partner, import, other */
  source?: InputMaybe<KeyFilter>;
  /** Status: one of new, working, qualified, unqualified, converted */
  status?: InputMaybe<KeyFilter>;
  /** Title */
  title?: InputMaybe<StringFilter>;
  /** When the record was last changed. */
  updatedAt?: InputMaybe<DateTimeFilter>;
  /** Grows by one with each change; send it as `expectedVersion`. */
  version?: InputMaybe<IntFilter>;
};

/** A field whose shown values make the groups. */
export type LeadGroupField =
  /** When the data was collected. */
  | 'collectedAt'
  /** The purpose of collection. */
  | 'collectedFor'
  /** Company */
  | 'companyId'
  /** Contact */
  | 'contactId'
  /** Converted at */
  | 'convertedAt'
  /** When the record was created here. */
  | 'createdAt'
  /** Currency (ISO 4217) */
  | 'currency'
  /** Deal it became */
  | 'dealId'
  /** When the record went into the trash; null for live records. */
  | 'deletedAt'
  /** Estimated value */
  | 'estimatedValue'
  /** Why it was lost */
  | 'lostReason'
  /** Note */
  | 'note'
  /** Owner */
  | 'ownerId'
  /** Rating: one of cold, warm, hot */
  | 'rating'
  /** Source: one of web, referral, event, campaign, call, partner, import, other */
  | 'source'
  /** Status: one of new, working, qualified, unqualified, converted */
  | 'status'
  /** Title */
  | 'title'
  /** When the record was last changed. */
  | 'updatedAt';

/** Tests of the visible records on the other side of a reference. */
export type LeadListFilter = {
  /** No record matches. */
  none?: InputMaybe<LeadFilter>;
  /** Some record matches. */
  some?: InputMaybe<LeadFilter>;
};

/** One order key: exactly one field. */
export type LeadOrderBy = {
  collectedAt?: InputMaybe<OrderByDirection>;
  collectedFor?: InputMaybe<OrderByDirection>;
  convertedAt?: InputMaybe<OrderByDirection>;
  createdAt?: InputMaybe<OrderByDirection>;
  currency?: InputMaybe<OrderByDirection>;
  deletedAt?: InputMaybe<OrderByDirection>;
  estimatedValue?: InputMaybe<OrderByDirection>;
  lostReason?: InputMaybe<OrderByDirection>;
  note?: InputMaybe<OrderByDirection>;
  rating?: InputMaybe<OrderByDirection>;
  source?: InputMaybe<OrderByDirection>;
  status?: InputMaybe<OrderByDirection>;
  title?: InputMaybe<OrderByDirection>;
  updatedAt?: InputMaybe<OrderByDirection>;
  version?: InputMaybe<OrderByDirection>;
};

/** Fields to change; null clears one, one left out stays. */
export type LeadUpdateInput = {
  /** Company */
  companyId?: InputMaybe<Scalars['ID']['input']>;
  /** Contact */
  contactId?: InputMaybe<Scalars['ID']['input']>;
  /** Converted at */
  convertedAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** Currency (ISO 4217) */
  currency?: InputMaybe<Scalars['String']['input']>;
  /** Deal it became */
  dealId?: InputMaybe<Scalars['ID']['input']>;
  /** Estimated value */
  estimatedValue?: InputMaybe<Scalars['Decimal']['input']>;
  /** Why it was lost */
  lostReason?: InputMaybe<Scalars['String']['input']>;
  /** Note */
  note?: InputMaybe<Scalars['String']['input']>;
  /** Owner */
  ownerId?: InputMaybe<Scalars['ID']['input']>;
  /** Rating: one of cold, warm, hot */
  rating?: InputMaybe<Scalars['String']['input']>;
  /** Source: one of web, referral, event, campaign, call, partner, import, other */
  source?: InputMaybe<Scalars['String']['input']>;
  /** Status: one of new, working, qualified, unqualified, converted */
  status?: InputMaybe<Scalars['String']['input']>;
  /** Title */
  title?: InputMaybe<Scalars['String']['input']>;
};

/** A new record. */
export type LegalEntityCreateInput = {
  /** Activity: electronic communications, remote computing, software, courier, other: one of communications, computing, software, courier, other */
  activity?: InputMaybe<Scalars['String']['input']>;
  /** Country of the seat */
  country?: InputMaybe<Scalars['String']['input']>;
  /** Identifier (LEI or national register) */
  identifier?: InputMaybe<Scalars['String']['input']>;
  /** Known holders are all that matter (widely held, or none), as checked on */
  independentCheckedAt?: InputMaybe<Scalars['Date']['input']>;
  /** Name */
  name: Scalars['String']['input'];
  /** Order of a third-country authority open since */
  orderSince?: InputMaybe<Scalars['Date']['input']>;
  /** One of our own companies */
  own?: InputMaybe<Scalars['Boolean']['input']>;
  /** Qualified against foreign law (such as SecNumCloud) until */
  qualifiedUntil?: InputMaybe<Scalars['Date']['input']>;
};

/** Which records, by shown values; all parts must hold. */
export type LegalEntityFilter = {
  /** Activity: electronic communications, remote computing, software, courier, other: one of communications, computing, software, courier, other */
  activity?: InputMaybe<KeyFilter>;
  and?: InputMaybe<Array<LegalEntityFilter>>;
  /** When the data was collected. */
  collectedAt?: InputMaybe<DateTimeFilter>;
  /** The purpose of collection. */
  collectedFor?: InputMaybe<StringFilter>;
  /** Country of the seat */
  country?: InputMaybe<KeyFilter>;
  /** When the record was created here. */
  createdAt?: InputMaybe<DateTimeFilter>;
  /** When the record went into the trash; null for live records. */
  deletedAt?: InputMaybe<DateTimeFilter>;
  engagements?: InputMaybe<ProcessingLinkListFilter>;
  holdings?: InputMaybe<OwnershipListFilter>;
  /** Opaque id of the record. */
  id?: InputMaybe<IdFilter>;
  /** Identifier (LEI or national register) */
  identifier?: InputMaybe<StringFilter>;
  /** Known holders are all that matter (widely held, or none), as checked on */
  independentCheckedAt?: InputMaybe<DateFilter>;
  /** Name */
  name?: InputMaybe<StringFilter>;
  not?: InputMaybe<LegalEntityFilter>;
  /** Some part must hold; an empty list matches nothing. */
  or?: InputMaybe<Array<LegalEntityFilter>>;
  /** Order of a third-country authority open since */
  orderSince?: InputMaybe<DateFilter>;
  /** One of our own companies */
  own?: InputMaybe<BooleanFilter>;
  owners?: InputMaybe<OwnershipListFilter>;
  presences?: InputMaybe<PresenceListFilter>;
  /** Qualified against foreign law (such as SecNumCloud) until */
  qualifiedUntil?: InputMaybe<DateFilter>;
  /** When the record was last changed. */
  updatedAt?: InputMaybe<DateTimeFilter>;
  /** Grows by one with each change; send it as `expectedVersion`. */
  version?: InputMaybe<IntFilter>;
};

/** A field whose shown values make the groups. */
export type LegalEntityGroupField =
  /** Activity: electronic communications, remote computing, software, courier, other: one of communications, computing, software, courier, other */
  | 'activity'
  /** When the data was collected. */
  | 'collectedAt'
  /** The purpose of collection. */
  | 'collectedFor'
  /** Country of the seat */
  | 'country'
  /** When the record was created here. */
  | 'createdAt'
  /** When the record went into the trash; null for live records. */
  | 'deletedAt'
  /** Identifier (LEI or national register) */
  | 'identifier'
  /** Known holders are all that matter (widely held, or none), as checked on */
  | 'independentCheckedAt'
  /** Name */
  | 'name'
  /** Order of a third-country authority open since */
  | 'orderSince'
  /** One of our own companies */
  | 'own'
  /** Qualified against foreign law (such as SecNumCloud) until */
  | 'qualifiedUntil'
  /** When the record was last changed. */
  | 'updatedAt';

/** Tests of the visible records on the other side of a reference. */
export type LegalEntityListFilter = {
  /** No record matches. */
  none?: InputMaybe<LegalEntityFilter>;
  /** Some record matches. */
  some?: InputMaybe<LegalEntityFilter>;
};

/** One order key: exactly one field. */
export type LegalEntityOrderBy = {
  activity?: InputMaybe<OrderByDirection>;
  collectedAt?: InputMaybe<OrderByDirection>;
  collectedFor?: InputMaybe<OrderByDirection>;
  country?: InputMaybe<OrderByDirection>;
  createdAt?: InputMaybe<OrderByDirection>;
  deletedAt?: InputMaybe<OrderByDirection>;
  identifier?: InputMaybe<OrderByDirection>;
  independentCheckedAt?: InputMaybe<OrderByDirection>;
  name?: InputMaybe<OrderByDirection>;
  orderSince?: InputMaybe<OrderByDirection>;
  own?: InputMaybe<OrderByDirection>;
  qualifiedUntil?: InputMaybe<OrderByDirection>;
  updatedAt?: InputMaybe<OrderByDirection>;
  version?: InputMaybe<OrderByDirection>;
};

/** Fields to change; null clears one, one left out stays. */
export type LegalEntityUpdateInput = {
  /** Activity: electronic communications, remote computing, software, courier, other: one of communications, computing, software, courier, other */
  activity?: InputMaybe<Scalars['String']['input']>;
  /** Country of the seat */
  country?: InputMaybe<Scalars['String']['input']>;
  /** Identifier (LEI or national register) */
  identifier?: InputMaybe<Scalars['String']['input']>;
  /** Known holders are all that matter (widely held, or none), as checked on */
  independentCheckedAt?: InputMaybe<Scalars['Date']['input']>;
  /** Name */
  name?: InputMaybe<Scalars['String']['input']>;
  /** Order of a third-country authority open since */
  orderSince?: InputMaybe<Scalars['Date']['input']>;
  /** One of our own companies */
  own?: InputMaybe<Scalars['Boolean']['input']>;
  /** Qualified against foreign law (such as SecNumCloud) until */
  qualifiedUntil?: InputMaybe<Scalars['Date']['input']>;
};

export type ObjectInput = {
  /** email, sms, call, post; every channel when absent. */
  channels?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Collected by */
  collector?: InputMaybe<Scalars['String']['input']>;
  /** A contact that this purpose may see. Whoever shares its address is covered too. */
  contactId?: InputMaybe<Scalars['ID']['input']>;
  /** Instead: whoever has it. */
  email?: InputMaybe<Scalars['String']['input']>;
  /** Where the evidence is kept */
  evidence?: InputMaybe<Scalars['String']['input']>;
  /** When the person said it; now when absent. */
  happenedAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** Language of the wording */
  language?: InputMaybe<Scalars['String']['input']>;
  /** Method of capture: one of checkbox, signature, call, email, pre_ticked, silence, import */
  method?: InputMaybe<Scalars['String']['input']>;
  /** Instead: whoever has it. */
  phone?: InputMaybe<Scalars['String']['input']>;
  /** Key of a registered purpose. */
  purpose: Scalars['String']['input'];
  /** Wording shown */
  wording?: InputMaybe<Scalars['String']['input']>;
};

/** A source, and the key by which it knows each of the inputs. */
export type OnConflict = {
  /** As many as inputs, in their order. */
  keys: Array<Scalars['String']['input']>;
  source: Scalars['String']['input'];
};

export type OrderByDirection =
  | 'AscNullsFirst'
  | 'AscNullsLast'
  | 'DescNullsFirst'
  | 'DescNullsLast';

/** A new record. */
export type OwnershipCreateInput = {
  /** Checked on */
  checkedAt?: InputMaybe<Scalars['Date']['input']>;
  /** Controls by other means than votes */
  control?: InputMaybe<Scalars['Boolean']['input']>;
  /** Owned */
  ownedId: Scalars['ID']['input'];
  /** Owner */
  ownerId: Scalars['ID']['input'];
  /** Share of the capital (%) */
  percent?: InputMaybe<Scalars['Decimal']['input']>;
  /** Source */
  source?: InputMaybe<Scalars['String']['input']>;
  /** Valid from */
  validFrom?: InputMaybe<Scalars['Date']['input']>;
  /** Valid until, the day included */
  validTo?: InputMaybe<Scalars['Date']['input']>;
  /** Share of the votes (%), where it differs */
  votes?: InputMaybe<Scalars['Decimal']['input']>;
};

/** Which records, by shown values; all parts must hold. */
export type OwnershipFilter = {
  and?: InputMaybe<Array<OwnershipFilter>>;
  /** Checked on */
  checkedAt?: InputMaybe<DateFilter>;
  /** When the data was collected. */
  collectedAt?: InputMaybe<DateTimeFilter>;
  /** The purpose of collection. */
  collectedFor?: InputMaybe<StringFilter>;
  /** Controls by other means than votes */
  control?: InputMaybe<BooleanFilter>;
  /** When the record was created here. */
  createdAt?: InputMaybe<DateTimeFilter>;
  /** When the record went into the trash; null for live records. */
  deletedAt?: InputMaybe<DateTimeFilter>;
  /** Opaque id of the record. */
  id?: InputMaybe<IdFilter>;
  not?: InputMaybe<OwnershipFilter>;
  /** Some part must hold; an empty list matches nothing. */
  or?: InputMaybe<Array<OwnershipFilter>>;
  owned?: InputMaybe<LegalEntityFilter>;
  /** Owned */
  ownedId?: InputMaybe<IdFilter>;
  owner?: InputMaybe<LegalEntityFilter>;
  /** Owner */
  ownerId?: InputMaybe<IdFilter>;
  /** Share of the capital (%) */
  percent?: InputMaybe<DecimalFilter>;
  /** Source */
  source?: InputMaybe<StringFilter>;
  /** When the record was last changed. */
  updatedAt?: InputMaybe<DateTimeFilter>;
  /** Valid from */
  validFrom?: InputMaybe<DateFilter>;
  /** Valid until, the day included */
  validTo?: InputMaybe<DateFilter>;
  /** Grows by one with each change; send it as `expectedVersion`. */
  version?: InputMaybe<IntFilter>;
  /** Share of the votes (%), where it differs */
  votes?: InputMaybe<DecimalFilter>;
};

/** A field whose shown values make the groups. */
export type OwnershipGroupField =
  /** Checked on */
  | 'checkedAt'
  /** When the data was collected. */
  | 'collectedAt'
  /** The purpose of collection. */
  | 'collectedFor'
  /** Controls by other means than votes */
  | 'control'
  /** When the record was created here. */
  | 'createdAt'
  /** When the record went into the trash; null for live records. */
  | 'deletedAt'
  /** Owned */
  | 'ownedId'
  /** Owner */
  | 'ownerId'
  /** Share of the capital (%) */
  | 'percent'
  /** Source */
  | 'source'
  /** When the record was last changed. */
  | 'updatedAt'
  /** Valid from */
  | 'validFrom'
  /** Valid until, the day included */
  | 'validTo'
  /** Share of the votes (%), where it differs */
  | 'votes';

/** Tests of the visible records on the other side of a reference. */
export type OwnershipListFilter = {
  /** No record matches. */
  none?: InputMaybe<OwnershipFilter>;
  /** Some record matches. */
  some?: InputMaybe<OwnershipFilter>;
};

/** One order key: exactly one field. */
export type OwnershipOrderBy = {
  checkedAt?: InputMaybe<OrderByDirection>;
  collectedAt?: InputMaybe<OrderByDirection>;
  collectedFor?: InputMaybe<OrderByDirection>;
  control?: InputMaybe<OrderByDirection>;
  createdAt?: InputMaybe<OrderByDirection>;
  deletedAt?: InputMaybe<OrderByDirection>;
  percent?: InputMaybe<OrderByDirection>;
  source?: InputMaybe<OrderByDirection>;
  updatedAt?: InputMaybe<OrderByDirection>;
  validFrom?: InputMaybe<OrderByDirection>;
  validTo?: InputMaybe<OrderByDirection>;
  version?: InputMaybe<OrderByDirection>;
  votes?: InputMaybe<OrderByDirection>;
};

/** Fields to change; null clears one, one left out stays. */
export type OwnershipUpdateInput = {
  /** Checked on */
  checkedAt?: InputMaybe<Scalars['Date']['input']>;
  /** Controls by other means than votes */
  control?: InputMaybe<Scalars['Boolean']['input']>;
  /** Owned */
  ownedId?: InputMaybe<Scalars['ID']['input']>;
  /** Owner */
  ownerId?: InputMaybe<Scalars['ID']['input']>;
  /** Share of the capital (%) */
  percent?: InputMaybe<Scalars['Decimal']['input']>;
  /** Source */
  source?: InputMaybe<Scalars['String']['input']>;
  /** Valid from */
  validFrom?: InputMaybe<Scalars['Date']['input']>;
  /** Valid until, the day included */
  validTo?: InputMaybe<Scalars['Date']['input']>;
  /** Share of the votes (%), where it differs */
  votes?: InputMaybe<Scalars['Decimal']['input']>;
};

/** A new record. */
export type PipelineCreateInput = {
  /** In use */
  active?: InputMaybe<Scalars['Boolean']['input']>;
  /** Key */
  key: Scalars['String']['input'];
  /** Name */
  name: Scalars['String']['input'];
  /** Position */
  position?: InputMaybe<Scalars['Int']['input']>;
};

/** Which records, by shown values; all parts must hold. */
export type PipelineFilter = {
  /** In use */
  active?: InputMaybe<BooleanFilter>;
  and?: InputMaybe<Array<PipelineFilter>>;
  /** When the data was collected. */
  collectedAt?: InputMaybe<DateTimeFilter>;
  /** The purpose of collection. */
  collectedFor?: InputMaybe<StringFilter>;
  /** When the record was created here. */
  createdAt?: InputMaybe<DateTimeFilter>;
  deals?: InputMaybe<DealListFilter>;
  /** When the record went into the trash; null for live records. */
  deletedAt?: InputMaybe<DateTimeFilter>;
  /** Opaque id of the record. */
  id?: InputMaybe<IdFilter>;
  /** Key */
  key?: InputMaybe<StringFilter>;
  /** Name */
  name?: InputMaybe<StringFilter>;
  not?: InputMaybe<PipelineFilter>;
  /** Some part must hold; an empty list matches nothing. */
  or?: InputMaybe<Array<PipelineFilter>>;
  /** Position */
  position?: InputMaybe<IntFilter>;
  stages?: InputMaybe<PipelineStageListFilter>;
  /** When the record was last changed. */
  updatedAt?: InputMaybe<DateTimeFilter>;
  /** Grows by one with each change; send it as `expectedVersion`. */
  version?: InputMaybe<IntFilter>;
};

/** A field whose shown values make the groups. */
export type PipelineGroupField =
  /** In use */
  | 'active'
  /** When the data was collected. */
  | 'collectedAt'
  /** The purpose of collection. */
  | 'collectedFor'
  /** When the record was created here. */
  | 'createdAt'
  /** When the record went into the trash; null for live records. */
  | 'deletedAt'
  /** Key */
  | 'key'
  /** Name */
  | 'name'
  /** Position */
  | 'position'
  /** When the record was last changed. */
  | 'updatedAt';

/** Tests of the visible records on the other side of a reference. */
export type PipelineListFilter = {
  /** No record matches. */
  none?: InputMaybe<PipelineFilter>;
  /** Some record matches. */
  some?: InputMaybe<PipelineFilter>;
};

/** One order key: exactly one field. */
export type PipelineOrderBy = {
  active?: InputMaybe<OrderByDirection>;
  collectedAt?: InputMaybe<OrderByDirection>;
  collectedFor?: InputMaybe<OrderByDirection>;
  createdAt?: InputMaybe<OrderByDirection>;
  deletedAt?: InputMaybe<OrderByDirection>;
  key?: InputMaybe<OrderByDirection>;
  name?: InputMaybe<OrderByDirection>;
  position?: InputMaybe<OrderByDirection>;
  updatedAt?: InputMaybe<OrderByDirection>;
  version?: InputMaybe<OrderByDirection>;
};

/** A new record. */
export type PipelineStageCreateInput = {
  /** Name */
  name: Scalars['String']['input'];
  /** Outcome: one of open, won, lost */
  outcome?: InputMaybe<Scalars['String']['input']>;
  /** Pipeline */
  pipelineId: Scalars['ID']['input'];
  /** Position */
  position: Scalars['Int']['input'];
  /** Probability (%) */
  probability?: InputMaybe<Scalars['Int']['input']>;
};

/** Which records, by shown values; all parts must hold. */
export type PipelineStageFilter = {
  and?: InputMaybe<Array<PipelineStageFilter>>;
  /** When the data was collected. */
  collectedAt?: InputMaybe<DateTimeFilter>;
  /** The purpose of collection. */
  collectedFor?: InputMaybe<StringFilter>;
  /** When the record was created here. */
  createdAt?: InputMaybe<DateTimeFilter>;
  deals?: InputMaybe<DealListFilter>;
  /** When the record went into the trash; null for live records. */
  deletedAt?: InputMaybe<DateTimeFilter>;
  /** Opaque id of the record. */
  id?: InputMaybe<IdFilter>;
  /** Name */
  name?: InputMaybe<StringFilter>;
  not?: InputMaybe<PipelineStageFilter>;
  /** Some part must hold; an empty list matches nothing. */
  or?: InputMaybe<Array<PipelineStageFilter>>;
  /** Outcome: one of open, won, lost */
  outcome?: InputMaybe<KeyFilter>;
  pipeline?: InputMaybe<PipelineFilter>;
  /** Pipeline */
  pipelineId?: InputMaybe<IdFilter>;
  /** Position */
  position?: InputMaybe<IntFilter>;
  /** Probability (%) */
  probability?: InputMaybe<IntFilter>;
  /** When the record was last changed. */
  updatedAt?: InputMaybe<DateTimeFilter>;
  /** Grows by one with each change; send it as `expectedVersion`. */
  version?: InputMaybe<IntFilter>;
};

/** A field whose shown values make the groups. */
export type PipelineStageGroupField =
  /** When the data was collected. */
  | 'collectedAt'
  /** The purpose of collection. */
  | 'collectedFor'
  /** When the record was created here. */
  | 'createdAt'
  /** When the record went into the trash; null for live records. */
  | 'deletedAt'
  /** Name */
  | 'name'
  /** Outcome: one of open, won, lost */
  | 'outcome'
  /** Pipeline */
  | 'pipelineId'
  /** Position */
  | 'position'
  /** Probability (%) */
  | 'probability'
  /** When the record was last changed. */
  | 'updatedAt';

/** Tests of the visible records on the other side of a reference. */
export type PipelineStageListFilter = {
  /** No record matches. */
  none?: InputMaybe<PipelineStageFilter>;
  /** Some record matches. */
  some?: InputMaybe<PipelineStageFilter>;
};

/** One order key: exactly one field. */
export type PipelineStageOrderBy = {
  collectedAt?: InputMaybe<OrderByDirection>;
  collectedFor?: InputMaybe<OrderByDirection>;
  createdAt?: InputMaybe<OrderByDirection>;
  deletedAt?: InputMaybe<OrderByDirection>;
  name?: InputMaybe<OrderByDirection>;
  outcome?: InputMaybe<OrderByDirection>;
  position?: InputMaybe<OrderByDirection>;
  probability?: InputMaybe<OrderByDirection>;
  updatedAt?: InputMaybe<OrderByDirection>;
  version?: InputMaybe<OrderByDirection>;
};

/** Fields to change; null clears one, one left out stays. */
export type PipelineStageUpdateInput = {
  /** Name */
  name?: InputMaybe<Scalars['String']['input']>;
  /** Outcome: one of open, won, lost */
  outcome?: InputMaybe<Scalars['String']['input']>;
  /** Pipeline */
  pipelineId?: InputMaybe<Scalars['ID']['input']>;
  /** Position */
  position?: InputMaybe<Scalars['Int']['input']>;
  /** Probability (%) */
  probability?: InputMaybe<Scalars['Int']['input']>;
};

/** Fields to change; null clears one, one left out stays. */
export type PipelineUpdateInput = {
  /** In use */
  active?: InputMaybe<Scalars['Boolean']['input']>;
  /** Key */
  key?: InputMaybe<Scalars['String']['input']>;
  /** Name */
  name?: InputMaybe<Scalars['String']['input']>;
  /** Position */
  position?: InputMaybe<Scalars['Int']['input']>;
};

/** A change of a policy, of reference data or of registers, to be tried out. */
export type PolicyChangeInput = {
  /** The number of a change that is called off. */
  cancel?: InputMaybe<Scalars['Int']['input']>;
  /** Instead of `pluginVersion`. */
  digest?: InputMaybe<Scalars['String']['input']>;
  /** When the change begins; at once, unless told. */
  effectiveFrom?: InputMaybe<Scalars['DateTime']['input']>;
  /** When it ends by itself. */
  expiresAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** The policy, if one changes. */
  id?: InputMaybe<Scalars['ID']['input']>;
  /** Its mode after the change. */
  mode?: InputMaybe<PolicyMode>;
  /** An installed version: a policy of the set is exchanged for it, any other is added. */
  pluginVersion?: InputMaybe<Scalars['String']['input']>;
  /** Changes of reference tables. */
  references?: InputMaybe<Array<ReferenceChangeInput>>;
  /** Changes of records of registers. */
  registers?: InputMaybe<Array<RegisterChangeInput>>;
  /** Out of the set. */
  remove?: InputMaybe<Scalars['Boolean']['input']>;
  /** As it was before its last change. */
  rollback?: InputMaybe<Scalars['Boolean']['input']>;
  /** Its settings after the change. */
  settings?: InputMaybe<Scalars['JSON']['input']>;
};

/** What a policy is allowed beyond what it was granted: as `extensions.grant` says it. */
export type PolicyGrant = {
  attributes?: InputMaybe<Array<Scalars['String']['input']>>;
  boundAttributes?: InputMaybe<Array<Scalars['String']['input']>>;
  entities?: InputMaybe<Array<Scalars['String']['input']>>;
  facts?: InputMaybe<Array<Scalars['String']['input']>>;
  fields?: InputMaybe<Array<Scalars['String']['input']>>;
  hooks?: InputMaybe<Array<Scalars['String']['input']>>;
  references?: InputMaybe<Array<Scalars['String']['input']>>;
};

export type PolicyMode =
  /** Asked and obeyed. */
  | 'ENFORCE'
  /** Asked; what it would have done is logged, nothing changes. */
  | 'OBSERVE'
  /** Not asked. */
  | 'OFF';

/** A new record. */
export type PresenceCreateInput = {
  /** People there can reach the data */
  access?: InputMaybe<Scalars['Boolean']['input']>;
  /** Country */
  country: Scalars['String']['input'];
  /** Legal entity */
  entityId: Scalars['ID']['input'];
  /** A branch, or sales without one: one of branch, sales */
  form: Scalars['String']['input'];
  /** Valid from */
  validFrom?: InputMaybe<Scalars['Date']['input']>;
  /** Valid until, the day included */
  validTo?: InputMaybe<Scalars['Date']['input']>;
};

/** Which records, by shown values; all parts must hold. */
export type PresenceFilter = {
  /** People there can reach the data */
  access?: InputMaybe<BooleanFilter>;
  and?: InputMaybe<Array<PresenceFilter>>;
  /** When the data was collected. */
  collectedAt?: InputMaybe<DateTimeFilter>;
  /** The purpose of collection. */
  collectedFor?: InputMaybe<StringFilter>;
  /** Country */
  country?: InputMaybe<KeyFilter>;
  /** When the record was created here. */
  createdAt?: InputMaybe<DateTimeFilter>;
  /** When the record went into the trash; null for live records. */
  deletedAt?: InputMaybe<DateTimeFilter>;
  entity?: InputMaybe<LegalEntityFilter>;
  /** Legal entity */
  entityId?: InputMaybe<IdFilter>;
  /** A branch, or sales without one: one of branch, sales */
  form?: InputMaybe<KeyFilter>;
  /** Opaque id of the record. */
  id?: InputMaybe<IdFilter>;
  not?: InputMaybe<PresenceFilter>;
  /** Some part must hold; an empty list matches nothing. */
  or?: InputMaybe<Array<PresenceFilter>>;
  /** When the record was last changed. */
  updatedAt?: InputMaybe<DateTimeFilter>;
  /** Valid from */
  validFrom?: InputMaybe<DateFilter>;
  /** Valid until, the day included */
  validTo?: InputMaybe<DateFilter>;
  /** Grows by one with each change; send it as `expectedVersion`. */
  version?: InputMaybe<IntFilter>;
};

/** A field whose shown values make the groups. */
export type PresenceGroupField =
  /** People there can reach the data */
  | 'access'
  /** When the data was collected. */
  | 'collectedAt'
  /** The purpose of collection. */
  | 'collectedFor'
  /** Country */
  | 'country'
  /** When the record was created here. */
  | 'createdAt'
  /** When the record went into the trash; null for live records. */
  | 'deletedAt'
  /** Legal entity */
  | 'entityId'
  /** A branch, or sales without one: one of branch, sales */
  | 'form'
  /** When the record was last changed. */
  | 'updatedAt'
  /** Valid from */
  | 'validFrom'
  /** Valid until, the day included */
  | 'validTo';

/** Tests of the visible records on the other side of a reference. */
export type PresenceListFilter = {
  /** No record matches. */
  none?: InputMaybe<PresenceFilter>;
  /** Some record matches. */
  some?: InputMaybe<PresenceFilter>;
};

/** One order key: exactly one field. */
export type PresenceOrderBy = {
  access?: InputMaybe<OrderByDirection>;
  collectedAt?: InputMaybe<OrderByDirection>;
  collectedFor?: InputMaybe<OrderByDirection>;
  country?: InputMaybe<OrderByDirection>;
  createdAt?: InputMaybe<OrderByDirection>;
  deletedAt?: InputMaybe<OrderByDirection>;
  form?: InputMaybe<OrderByDirection>;
  updatedAt?: InputMaybe<OrderByDirection>;
  validFrom?: InputMaybe<OrderByDirection>;
  validTo?: InputMaybe<OrderByDirection>;
  version?: InputMaybe<OrderByDirection>;
};

/** Fields to change; null clears one, one left out stays. */
export type PresenceUpdateInput = {
  /** People there can reach the data */
  access?: InputMaybe<Scalars['Boolean']['input']>;
  /** Country */
  country?: InputMaybe<Scalars['String']['input']>;
  /** Legal entity */
  entityId?: InputMaybe<Scalars['ID']['input']>;
  /** A branch, or sales without one: one of branch, sales */
  form?: InputMaybe<Scalars['String']['input']>;
  /** Valid from */
  validFrom?: InputMaybe<Scalars['Date']['input']>;
  /** Valid until, the day included */
  validTo?: InputMaybe<Scalars['Date']['input']>;
};

/** A new record. */
export type PrivacyNoticeCreateInput = {
  /** Other controllers that it names (ids of recipients), separated by spaces */
  controllers?: InputMaybe<Scalars['String']['input']>;
  /** Language */
  language: Scalars['String']['input'];
  /** Changes materially */
  materialChangeOfId?: InputMaybe<Scalars['ID']['input']>;
  /** Version */
  noticeVersion: Scalars['String']['input'];
  /** Published from */
  publishedFrom?: InputMaybe<Scalars['Date']['input']>;
  /** Published until */
  publishedTo?: InputMaybe<Scalars['Date']['input']>;
  /** Purposes that it covers, separated by spaces */
  purposes: Scalars['String']['input'];
  /** SHA-256 of the text, hex */
  textHash: Scalars['String']['input'];
  /** Title */
  title?: InputMaybe<Scalars['String']['input']>;
};

/** Which records, by shown values; all parts must hold. */
export type PrivacyNoticeFilter = {
  and?: InputMaybe<Array<PrivacyNoticeFilter>>;
  /** When the data was collected. */
  collectedAt?: InputMaybe<DateTimeFilter>;
  /** The purpose of collection. */
  collectedFor?: InputMaybe<StringFilter>;
  /** Other controllers that it names (ids of recipients), separated by spaces */
  controllers?: InputMaybe<StringFilter>;
  /** When the record was created here. */
  createdAt?: InputMaybe<DateTimeFilter>;
  /** When the record went into the trash; null for live records. */
  deletedAt?: InputMaybe<DateTimeFilter>;
  /** Opaque id of the record. */
  id?: InputMaybe<IdFilter>;
  /** Language */
  language?: InputMaybe<StringFilter>;
  materialChangeOf?: InputMaybe<PrivacyNoticeFilter>;
  /** Changes materially */
  materialChangeOfId?: InputMaybe<IdFilter>;
  materialChanges?: InputMaybe<PrivacyNoticeListFilter>;
  not?: InputMaybe<PrivacyNoticeFilter>;
  /** Version */
  noticeVersion?: InputMaybe<StringFilter>;
  /** Some part must hold; an empty list matches nothing. */
  or?: InputMaybe<Array<PrivacyNoticeFilter>>;
  /** Published from */
  publishedFrom?: InputMaybe<DateFilter>;
  /** Published until */
  publishedTo?: InputMaybe<DateFilter>;
  /** Purposes that it covers, separated by spaces */
  purposes?: InputMaybe<StringFilter>;
  /** SHA-256 of the text, hex */
  textHash?: InputMaybe<StringFilter>;
  /** Title */
  title?: InputMaybe<StringFilter>;
  /** When the record was last changed. */
  updatedAt?: InputMaybe<DateTimeFilter>;
  /** Grows by one with each change; send it as `expectedVersion`. */
  version?: InputMaybe<IntFilter>;
};

/** A field whose shown values make the groups. */
export type PrivacyNoticeGroupField =
  /** When the data was collected. */
  | 'collectedAt'
  /** The purpose of collection. */
  | 'collectedFor'
  /** Other controllers that it names (ids of recipients), separated by spaces */
  | 'controllers'
  /** When the record was created here. */
  | 'createdAt'
  /** When the record went into the trash; null for live records. */
  | 'deletedAt'
  /** Language */
  | 'language'
  /** Changes materially */
  | 'materialChangeOfId'
  /** Version */
  | 'noticeVersion'
  /** Published from */
  | 'publishedFrom'
  /** Published until */
  | 'publishedTo'
  /** Purposes that it covers, separated by spaces */
  | 'purposes'
  /** SHA-256 of the text, hex */
  | 'textHash'
  /** Title */
  | 'title'
  /** When the record was last changed. */
  | 'updatedAt';

/** Tests of the visible records on the other side of a reference. */
export type PrivacyNoticeListFilter = {
  /** No record matches. */
  none?: InputMaybe<PrivacyNoticeFilter>;
  /** Some record matches. */
  some?: InputMaybe<PrivacyNoticeFilter>;
};

/** One order key: exactly one field. */
export type PrivacyNoticeOrderBy = {
  collectedAt?: InputMaybe<OrderByDirection>;
  collectedFor?: InputMaybe<OrderByDirection>;
  controllers?: InputMaybe<OrderByDirection>;
  createdAt?: InputMaybe<OrderByDirection>;
  deletedAt?: InputMaybe<OrderByDirection>;
  language?: InputMaybe<OrderByDirection>;
  noticeVersion?: InputMaybe<OrderByDirection>;
  publishedFrom?: InputMaybe<OrderByDirection>;
  publishedTo?: InputMaybe<OrderByDirection>;
  purposes?: InputMaybe<OrderByDirection>;
  textHash?: InputMaybe<OrderByDirection>;
  title?: InputMaybe<OrderByDirection>;
  updatedAt?: InputMaybe<OrderByDirection>;
  version?: InputMaybe<OrderByDirection>;
};

/** Fields to change; null clears one, one left out stays. */
export type PrivacyNoticeUpdateInput = {
  /** Other controllers that it names (ids of recipients), separated by spaces */
  controllers?: InputMaybe<Scalars['String']['input']>;
  /** Language */
  language?: InputMaybe<Scalars['String']['input']>;
  /** Changes materially */
  materialChangeOfId?: InputMaybe<Scalars['ID']['input']>;
  /** Version */
  noticeVersion?: InputMaybe<Scalars['String']['input']>;
  /** Published from */
  publishedFrom?: InputMaybe<Scalars['Date']['input']>;
  /** Published until */
  publishedTo?: InputMaybe<Scalars['Date']['input']>;
  /** Purposes that it covers, separated by spaces */
  purposes?: InputMaybe<Scalars['String']['input']>;
  /** SHA-256 of the text, hex */
  textHash?: InputMaybe<Scalars['String']['input']>;
  /** Title */
  title?: InputMaybe<Scalars['String']['input']>;
};

/** A new record. */
export type ProcessingLinkCreateInput = {
  /** Inside the scope of the adequacy decision */
  adequacyScopeOk?: InputMaybe<Scalars['Boolean']['input']>;
  /** Transfer impact assessment: one of none, positive, negative */
  assessment?: InputMaybe<Scalars['String']['input']>;
  /** Assessment to be reviewed on */
  assessmentReviewAt?: InputMaybe<Scalars['Date']['input']>;
  /** Its contract (Art. 28(4)) valid until */
  contractUntil?: InputMaybe<Scalars['Date']['input']>;
  /** Active in the Data Privacy Framework */
  dpfActive?: InputMaybe<Scalars['Boolean']['input']>;
  /** Engaged by (none: by the recipient, or by us) */
  engagedById?: InputMaybe<Scalars['ID']['input']>;
  /** In the chain of our own hosting */
  hosting?: InputMaybe<Scalars['Boolean']['input']>;
  /** Who holds the keys: one of customer, eu_third_party, provider */
  keyHolder?: InputMaybe<Scalars['String']['input']>;
  /** Only licenses software that runs on machines of others */
  licenceOnly?: InputMaybe<Scalars['Boolean']['input']>;
  /** Where it holds or sees the data */
  location?: InputMaybe<Scalars['String']['input']>;
  /** Tool of the transfer to it: one of none, adequacy, dpf, scc, bcr */
  mechanism?: InputMaybe<Scalars['String']['input']>;
  /** Annexes complete */
  mechanismComplete?: InputMaybe<Scalars['Boolean']['input']>;
  /** Module of the clauses */
  mechanismModule?: InputMaybe<Scalars['String']['input']>;
  /** Needs clear text */
  plaintextNeeded?: InputMaybe<Scalars['Boolean']['input']>;
  /** Processor */
  processorId: Scalars['ID']['input'];
  /** In the chain of this recipient */
  recipientId?: InputMaybe<Scalars['ID']['input']>;
  /** Role: one of processor, host, support, software, transit */
  role?: InputMaybe<Scalars['String']['input']>;
  /** The licensed software sends data home */
  telemetry?: InputMaybe<Scalars['Boolean']['input']>;
  /** Valid from */
  validFrom?: InputMaybe<Scalars['Date']['input']>;
  /** Valid until, the day included */
  validTo?: InputMaybe<Scalars['Date']['input']>;
};

/** Which records, by shown values; all parts must hold. */
export type ProcessingLinkFilter = {
  /** Inside the scope of the adequacy decision */
  adequacyScopeOk?: InputMaybe<BooleanFilter>;
  and?: InputMaybe<Array<ProcessingLinkFilter>>;
  /** Transfer impact assessment: one of none, positive, negative */
  assessment?: InputMaybe<KeyFilter>;
  /** Assessment to be reviewed on */
  assessmentReviewAt?: InputMaybe<DateFilter>;
  /** When the data was collected. */
  collectedAt?: InputMaybe<DateTimeFilter>;
  /** The purpose of collection. */
  collectedFor?: InputMaybe<StringFilter>;
  /** Its contract (Art. 28(4)) valid until */
  contractUntil?: InputMaybe<DateFilter>;
  /** When the record was created here. */
  createdAt?: InputMaybe<DateTimeFilter>;
  /** When the record went into the trash; null for live records. */
  deletedAt?: InputMaybe<DateTimeFilter>;
  /** Active in the Data Privacy Framework */
  dpfActive?: InputMaybe<BooleanFilter>;
  engagedBy?: InputMaybe<LegalEntityFilter>;
  /** Engaged by (none: by the recipient, or by us) */
  engagedById?: InputMaybe<IdFilter>;
  /** In the chain of our own hosting */
  hosting?: InputMaybe<BooleanFilter>;
  /** Opaque id of the record. */
  id?: InputMaybe<IdFilter>;
  /** Who holds the keys: one of customer, eu_third_party, provider */
  keyHolder?: InputMaybe<KeyFilter>;
  /** Only licenses software that runs on machines of others */
  licenceOnly?: InputMaybe<BooleanFilter>;
  /** Where it holds or sees the data */
  location?: InputMaybe<KeyFilter>;
  /** Tool of the transfer to it: one of none, adequacy, dpf, scc, bcr */
  mechanism?: InputMaybe<KeyFilter>;
  /** Annexes complete */
  mechanismComplete?: InputMaybe<BooleanFilter>;
  /** Module of the clauses */
  mechanismModule?: InputMaybe<StringFilter>;
  not?: InputMaybe<ProcessingLinkFilter>;
  /** Some part must hold; an empty list matches nothing. */
  or?: InputMaybe<Array<ProcessingLinkFilter>>;
  /** Needs clear text */
  plaintextNeeded?: InputMaybe<BooleanFilter>;
  processor?: InputMaybe<LegalEntityFilter>;
  /** Processor */
  processorId?: InputMaybe<IdFilter>;
  recipient?: InputMaybe<RecipientFilter>;
  /** In the chain of this recipient */
  recipientId?: InputMaybe<IdFilter>;
  /** Role: one of processor, host, support, software, transit */
  role?: InputMaybe<KeyFilter>;
  /** The licensed software sends data home */
  telemetry?: InputMaybe<BooleanFilter>;
  /** When the record was last changed. */
  updatedAt?: InputMaybe<DateTimeFilter>;
  /** Valid from */
  validFrom?: InputMaybe<DateFilter>;
  /** Valid until, the day included */
  validTo?: InputMaybe<DateFilter>;
  /** Grows by one with each change; send it as `expectedVersion`. */
  version?: InputMaybe<IntFilter>;
};

/** A field whose shown values make the groups. */
export type ProcessingLinkGroupField =
  /** Inside the scope of the adequacy decision */
  | 'adequacyScopeOk'
  /** Transfer impact assessment: one of none, positive, negative */
  | 'assessment'
  /** Assessment to be reviewed on */
  | 'assessmentReviewAt'
  /** When the data was collected. */
  | 'collectedAt'
  /** The purpose of collection. */
  | 'collectedFor'
  /** Its contract (Art. 28(4)) valid until */
  | 'contractUntil'
  /** When the record was created here. */
  | 'createdAt'
  /** When the record went into the trash; null for live records. */
  | 'deletedAt'
  /** Active in the Data Privacy Framework */
  | 'dpfActive'
  /** Engaged by (none: by the recipient, or by us) */
  | 'engagedById'
  /** In the chain of our own hosting */
  | 'hosting'
  /** Who holds the keys: one of customer, eu_third_party, provider */
  | 'keyHolder'
  /** Only licenses software that runs on machines of others */
  | 'licenceOnly'
  /** Where it holds or sees the data */
  | 'location'
  /** Tool of the transfer to it: one of none, adequacy, dpf, scc, bcr */
  | 'mechanism'
  /** Annexes complete */
  | 'mechanismComplete'
  /** Module of the clauses */
  | 'mechanismModule'
  /** Needs clear text */
  | 'plaintextNeeded'
  /** Processor */
  | 'processorId'
  /** In the chain of this recipient */
  | 'recipientId'
  /** Role: one of processor, host, support, software, transit */
  | 'role'
  /** The licensed software sends data home */
  | 'telemetry'
  /** When the record was last changed. */
  | 'updatedAt'
  /** Valid from */
  | 'validFrom'
  /** Valid until, the day included */
  | 'validTo';

/** Tests of the visible records on the other side of a reference. */
export type ProcessingLinkListFilter = {
  /** No record matches. */
  none?: InputMaybe<ProcessingLinkFilter>;
  /** Some record matches. */
  some?: InputMaybe<ProcessingLinkFilter>;
};

/** One order key: exactly one field. */
export type ProcessingLinkOrderBy = {
  adequacyScopeOk?: InputMaybe<OrderByDirection>;
  assessment?: InputMaybe<OrderByDirection>;
  assessmentReviewAt?: InputMaybe<OrderByDirection>;
  collectedAt?: InputMaybe<OrderByDirection>;
  collectedFor?: InputMaybe<OrderByDirection>;
  contractUntil?: InputMaybe<OrderByDirection>;
  createdAt?: InputMaybe<OrderByDirection>;
  deletedAt?: InputMaybe<OrderByDirection>;
  dpfActive?: InputMaybe<OrderByDirection>;
  hosting?: InputMaybe<OrderByDirection>;
  keyHolder?: InputMaybe<OrderByDirection>;
  licenceOnly?: InputMaybe<OrderByDirection>;
  location?: InputMaybe<OrderByDirection>;
  mechanism?: InputMaybe<OrderByDirection>;
  mechanismComplete?: InputMaybe<OrderByDirection>;
  mechanismModule?: InputMaybe<OrderByDirection>;
  plaintextNeeded?: InputMaybe<OrderByDirection>;
  role?: InputMaybe<OrderByDirection>;
  telemetry?: InputMaybe<OrderByDirection>;
  updatedAt?: InputMaybe<OrderByDirection>;
  validFrom?: InputMaybe<OrderByDirection>;
  validTo?: InputMaybe<OrderByDirection>;
  version?: InputMaybe<OrderByDirection>;
};

/** Fields to change; null clears one, one left out stays. */
export type ProcessingLinkUpdateInput = {
  /** Inside the scope of the adequacy decision */
  adequacyScopeOk?: InputMaybe<Scalars['Boolean']['input']>;
  /** Transfer impact assessment: one of none, positive, negative */
  assessment?: InputMaybe<Scalars['String']['input']>;
  /** Assessment to be reviewed on */
  assessmentReviewAt?: InputMaybe<Scalars['Date']['input']>;
  /** Its contract (Art. 28(4)) valid until */
  contractUntil?: InputMaybe<Scalars['Date']['input']>;
  /** Active in the Data Privacy Framework */
  dpfActive?: InputMaybe<Scalars['Boolean']['input']>;
  /** Engaged by (none: by the recipient, or by us) */
  engagedById?: InputMaybe<Scalars['ID']['input']>;
  /** In the chain of our own hosting */
  hosting?: InputMaybe<Scalars['Boolean']['input']>;
  /** Who holds the keys: one of customer, eu_third_party, provider */
  keyHolder?: InputMaybe<Scalars['String']['input']>;
  /** Only licenses software that runs on machines of others */
  licenceOnly?: InputMaybe<Scalars['Boolean']['input']>;
  /** Where it holds or sees the data */
  location?: InputMaybe<Scalars['String']['input']>;
  /** Tool of the transfer to it: one of none, adequacy, dpf, scc, bcr */
  mechanism?: InputMaybe<Scalars['String']['input']>;
  /** Annexes complete */
  mechanismComplete?: InputMaybe<Scalars['Boolean']['input']>;
  /** Module of the clauses */
  mechanismModule?: InputMaybe<Scalars['String']['input']>;
  /** Needs clear text */
  plaintextNeeded?: InputMaybe<Scalars['Boolean']['input']>;
  /** Processor */
  processorId?: InputMaybe<Scalars['ID']['input']>;
  /** In the chain of this recipient */
  recipientId?: InputMaybe<Scalars['ID']['input']>;
  /** Role: one of processor, host, support, software, transit */
  role?: InputMaybe<Scalars['String']['input']>;
  /** The licensed software sends data home */
  telemetry?: InputMaybe<Scalars['Boolean']['input']>;
  /** Valid from */
  validFrom?: InputMaybe<Scalars['Date']['input']>;
  /** Valid until, the day included */
  validTo?: InputMaybe<Scalars['Date']['input']>;
};

/** A new record. */
export type ProductCreateInput = {
  /** On sale */
  active?: InputMaybe<Scalars['Boolean']['input']>;
  /** Code */
  code: Scalars['String']['input'];
  /** Currency (ISO 4217) */
  currency?: InputMaybe<Scalars['String']['input']>;
  /** Description */
  description?: InputMaybe<Scalars['String']['input']>;
  /** Name */
  name: Scalars['String']['input'];
  /** Sensitivity: one of none, health, beliefs, orientation, other */
  sensitivity?: InputMaybe<Scalars['String']['input']>;
  /** Unit price */
  unitPrice?: InputMaybe<Scalars['Decimal']['input']>;
};

/** Which records, by shown values; all parts must hold. */
export type ProductFilter = {
  /** On sale */
  active?: InputMaybe<BooleanFilter>;
  and?: InputMaybe<Array<ProductFilter>>;
  /** Code */
  code?: InputMaybe<StringFilter>;
  /** When the data was collected. */
  collectedAt?: InputMaybe<DateTimeFilter>;
  /** The purpose of collection. */
  collectedFor?: InputMaybe<StringFilter>;
  /** When the record was created here. */
  createdAt?: InputMaybe<DateTimeFilter>;
  /** Currency (ISO 4217) */
  currency?: InputMaybe<StringFilter>;
  /** When the record went into the trash; null for live records. */
  deletedAt?: InputMaybe<DateTimeFilter>;
  /** Description */
  description?: InputMaybe<StringFilter>;
  /** Opaque id of the record. */
  id?: InputMaybe<IdFilter>;
  lines?: InputMaybe<DealLineListFilter>;
  /** Name */
  name?: InputMaybe<StringFilter>;
  not?: InputMaybe<ProductFilter>;
  /** Some part must hold; an empty list matches nothing. */
  or?: InputMaybe<Array<ProductFilter>>;
  /** Sensitivity: one of none, health, beliefs, orientation, other */
  sensitivity?: InputMaybe<KeyFilter>;
  /** Unit price */
  unitPrice?: InputMaybe<DecimalFilter>;
  /** When the record was last changed. */
  updatedAt?: InputMaybe<DateTimeFilter>;
  /** Grows by one with each change; send it as `expectedVersion`. */
  version?: InputMaybe<IntFilter>;
};

/** A field whose shown values make the groups. */
export type ProductGroupField =
  /** On sale */
  | 'active'
  /** Code */
  | 'code'
  /** When the data was collected. */
  | 'collectedAt'
  /** The purpose of collection. */
  | 'collectedFor'
  /** When the record was created here. */
  | 'createdAt'
  /** Currency (ISO 4217) */
  | 'currency'
  /** When the record went into the trash; null for live records. */
  | 'deletedAt'
  /** Description */
  | 'description'
  /** Name */
  | 'name'
  /** Sensitivity: one of none, health, beliefs, orientation, other */
  | 'sensitivity'
  /** Unit price */
  | 'unitPrice'
  /** When the record was last changed. */
  | 'updatedAt';

/** Tests of the visible records on the other side of a reference. */
export type ProductListFilter = {
  /** No record matches. */
  none?: InputMaybe<ProductFilter>;
  /** Some record matches. */
  some?: InputMaybe<ProductFilter>;
};

/** One order key: exactly one field. */
export type ProductOrderBy = {
  active?: InputMaybe<OrderByDirection>;
  code?: InputMaybe<OrderByDirection>;
  collectedAt?: InputMaybe<OrderByDirection>;
  collectedFor?: InputMaybe<OrderByDirection>;
  createdAt?: InputMaybe<OrderByDirection>;
  currency?: InputMaybe<OrderByDirection>;
  deletedAt?: InputMaybe<OrderByDirection>;
  description?: InputMaybe<OrderByDirection>;
  name?: InputMaybe<OrderByDirection>;
  sensitivity?: InputMaybe<OrderByDirection>;
  unitPrice?: InputMaybe<OrderByDirection>;
  updatedAt?: InputMaybe<OrderByDirection>;
  version?: InputMaybe<OrderByDirection>;
};

/** Fields to change; null clears one, one left out stays. */
export type ProductUpdateInput = {
  /** On sale */
  active?: InputMaybe<Scalars['Boolean']['input']>;
  /** Code */
  code?: InputMaybe<Scalars['String']['input']>;
  /** Currency (ISO 4217) */
  currency?: InputMaybe<Scalars['String']['input']>;
  /** Description */
  description?: InputMaybe<Scalars['String']['input']>;
  /** Name */
  name?: InputMaybe<Scalars['String']['input']>;
  /** Sensitivity: one of none, health, beliefs, orientation, other */
  sensitivity?: InputMaybe<Scalars['String']['input']>;
  /** Unit price */
  unitPrice?: InputMaybe<Scalars['Decimal']['input']>;
};

/** A new record. */
export type PurposeCreateInput = {
  /** Solely automated decision with legal or similar effect */
  automatedDecision?: InputMaybe<Scalars['Boolean']['input']>;
  /** Ground of Art. 22(2): one of none, contract, law, consent */
  automatedGround?: InputMaybe<Scalars['String']['input']>;
  /** Balancing test (legitimate interest): one of none, passed, failed */
  balancingTest?: InputMaybe<Scalars['String']['input']>;
  /** Validity of consent (months) */
  consentValidityMonths?: InputMaybe<Scalars['Int']['input']>;
  /** Direct marketing */
  directMarketing?: InputMaybe<Scalars['Boolean']['input']>;
  /** Double opt-in */
  doubleOptIn?: InputMaybe<Scalars['Boolean']['input']>;
  /** Dotted key */
  key: Scalars['String']['input'];
  /** Label (English) */
  labelEn: Scalars['String']['input'];
  /** Label (French) */
  labelFr?: InputMaybe<Scalars['String']['input']>;
  /** Law that demands it (bases c and e) */
  lawReference?: InputMaybe<Scalars['String']['input']>;
  /** Legal basis: one of A6-1-a, A6-1-b, A6-1-c, A6-1-d, A6-1-e, A6-1-f */
  legalBasis: Scalars['String']['input'];
  /** Use of the national id that the law lists */
  nationalIdUse?: InputMaybe<Scalars['String']['input']>;
  /** Nature, for what the law treats apart: one of ordinary, access_request, breach_notice, legal_claim, protection_of_others, public_interest, supervision, archive, erasure */
  nature?: InputMaybe<Scalars['String']['input']>;
  /** Data categories that it needs, separated by spaces */
  neededCategories?: InputMaybe<Scalars['String']['input']>;
  /** Law or authority for data on offences (Art. 10) */
  offenceAuthority?: InputMaybe<Scalars['String']['input']>;
  /** Online service offered directly to children too (Art. 8) */
  onlineService?: InputMaybe<Scalars['Boolean']['input']>;
  /** Roles that may name it, separated by spaces */
  roles: Scalars['String']['input'];
  /** Safeguards of Art. 89: pseudonymised, no decision on a person */
  safeguards?: InputMaybe<Scalars['Boolean']['input']>;
  /** Condition for special categories (Art. 9(2)): one of none, A9-2-a, A9-2-b, A9-2-c, A9-2-d, A9-2-e, A9-2-f, A9-2-g, A9-2-h, A9-2-i, A9-2-j */
  specialCondition?: InputMaybe<Scalars['String']['input']>;
  /** Statistics or research only */
  statistics?: InputMaybe<Scalars['Boolean']['input']>;
  /** Registered from */
  validFrom?: InputMaybe<Scalars['Date']['input']>;
  /** Registered until */
  validUntil?: InputMaybe<Scalars['Date']['input']>;
};

/** Which records, by shown values; all parts must hold. */
export type PurposeFilter = {
  and?: InputMaybe<Array<PurposeFilter>>;
  /** Solely automated decision with legal or similar effect */
  automatedDecision?: InputMaybe<BooleanFilter>;
  /** Ground of Art. 22(2): one of none, contract, law, consent */
  automatedGround?: InputMaybe<KeyFilter>;
  /** Balancing test (legitimate interest): one of none, passed, failed */
  balancingTest?: InputMaybe<KeyFilter>;
  /** When the data was collected. */
  collectedAt?: InputMaybe<DateTimeFilter>;
  /** The purpose of collection. */
  collectedFor?: InputMaybe<StringFilter>;
  /** Validity of consent (months) */
  consentValidityMonths?: InputMaybe<IntFilter>;
  /** When the record was created here. */
  createdAt?: InputMaybe<DateTimeFilter>;
  /** When the record went into the trash; null for live records. */
  deletedAt?: InputMaybe<DateTimeFilter>;
  /** Direct marketing */
  directMarketing?: InputMaybe<BooleanFilter>;
  /** Double opt-in */
  doubleOptIn?: InputMaybe<BooleanFilter>;
  /** Opaque id of the record. */
  id?: InputMaybe<IdFilter>;
  /** Dotted key */
  key?: InputMaybe<StringFilter>;
  /** Label (English) */
  labelEn?: InputMaybe<StringFilter>;
  /** Label (French) */
  labelFr?: InputMaybe<StringFilter>;
  /** Law that demands it (bases c and e) */
  lawReference?: InputMaybe<StringFilter>;
  /** Legal basis: one of A6-1-a, A6-1-b, A6-1-c, A6-1-d, A6-1-e, A6-1-f */
  legalBasis?: InputMaybe<KeyFilter>;
  /** Use of the national id that the law lists */
  nationalIdUse?: InputMaybe<StringFilter>;
  /** Nature, for what the law treats apart: one of ordinary, access_request, breach_notice, legal_claim, protection_of_others, public_interest, supervision, archive, erasure */
  nature?: InputMaybe<KeyFilter>;
  /** Data categories that it needs, separated by spaces */
  neededCategories?: InputMaybe<StringFilter>;
  not?: InputMaybe<PurposeFilter>;
  /** Law or authority for data on offences (Art. 10) */
  offenceAuthority?: InputMaybe<StringFilter>;
  /** Online service offered directly to children too (Art. 8) */
  onlineService?: InputMaybe<BooleanFilter>;
  /** Some part must hold; an empty list matches nothing. */
  or?: InputMaybe<Array<PurposeFilter>>;
  /** Roles that may name it, separated by spaces */
  roles?: InputMaybe<StringFilter>;
  /** Safeguards of Art. 89: pseudonymised, no decision on a person */
  safeguards?: InputMaybe<BooleanFilter>;
  /** Condition for special categories (Art. 9(2)): one of none, A9-2-a, A9-2-b, A9-2-c, A9-2-d, A9-2-e, A9-2-f, A9-2-g, A9-2-h, A9-2-i, A9-2-j */
  specialCondition?: InputMaybe<KeyFilter>;
  /** Statistics or research only */
  statistics?: InputMaybe<BooleanFilter>;
  /** When the record was last changed. */
  updatedAt?: InputMaybe<DateTimeFilter>;
  /** Registered from */
  validFrom?: InputMaybe<DateFilter>;
  /** Registered until */
  validUntil?: InputMaybe<DateFilter>;
  /** Grows by one with each change; send it as `expectedVersion`. */
  version?: InputMaybe<IntFilter>;
};

/** A field whose shown values make the groups. */
export type PurposeGroupField =
  /** Solely automated decision with legal or similar effect */
  | 'automatedDecision'
  /** Ground of Art. 22(2): one of none, contract, law, consent */
  | 'automatedGround'
  /** Balancing test (legitimate interest): one of none, passed, failed */
  | 'balancingTest'
  /** When the data was collected. */
  | 'collectedAt'
  /** The purpose of collection. */
  | 'collectedFor'
  /** Validity of consent (months) */
  | 'consentValidityMonths'
  /** When the record was created here. */
  | 'createdAt'
  /** When the record went into the trash; null for live records. */
  | 'deletedAt'
  /** Direct marketing */
  | 'directMarketing'
  /** Double opt-in */
  | 'doubleOptIn'
  /** Dotted key */
  | 'key'
  /** Label (English) */
  | 'labelEn'
  /** Label (French) */
  | 'labelFr'
  /** Law that demands it (bases c and e) */
  | 'lawReference'
  /** Legal basis: one of A6-1-a, A6-1-b, A6-1-c, A6-1-d, A6-1-e, A6-1-f */
  | 'legalBasis'
  /** Use of the national id that the law lists */
  | 'nationalIdUse'
  /** Nature, for what the law treats apart: one of ordinary, access_request, breach_notice, legal_claim, protection_of_others, public_interest, supervision, archive, erasure */
  | 'nature'
  /** Data categories that it needs, separated by spaces */
  | 'neededCategories'
  /** Law or authority for data on offences (Art. 10) */
  | 'offenceAuthority'
  /** Online service offered directly to children too (Art. 8) */
  | 'onlineService'
  /** Roles that may name it, separated by spaces */
  | 'roles'
  /** Safeguards of Art. 89: pseudonymised, no decision on a person */
  | 'safeguards'
  /** Condition for special categories (Art. 9(2)): one of none, A9-2-a, A9-2-b, A9-2-c, A9-2-d, A9-2-e, A9-2-f, A9-2-g, A9-2-h, A9-2-i, A9-2-j */
  | 'specialCondition'
  /** Statistics or research only */
  | 'statistics'
  /** When the record was last changed. */
  | 'updatedAt'
  /** Registered from */
  | 'validFrom'
  /** Registered until */
  | 'validUntil';

/** Tests of the visible records on the other side of a reference. */
export type PurposeListFilter = {
  /** No record matches. */
  none?: InputMaybe<PurposeFilter>;
  /** Some record matches. */
  some?: InputMaybe<PurposeFilter>;
};

/** One order key: exactly one field. */
export type PurposeOrderBy = {
  automatedDecision?: InputMaybe<OrderByDirection>;
  automatedGround?: InputMaybe<OrderByDirection>;
  balancingTest?: InputMaybe<OrderByDirection>;
  collectedAt?: InputMaybe<OrderByDirection>;
  collectedFor?: InputMaybe<OrderByDirection>;
  consentValidityMonths?: InputMaybe<OrderByDirection>;
  createdAt?: InputMaybe<OrderByDirection>;
  deletedAt?: InputMaybe<OrderByDirection>;
  directMarketing?: InputMaybe<OrderByDirection>;
  doubleOptIn?: InputMaybe<OrderByDirection>;
  key?: InputMaybe<OrderByDirection>;
  labelEn?: InputMaybe<OrderByDirection>;
  labelFr?: InputMaybe<OrderByDirection>;
  lawReference?: InputMaybe<OrderByDirection>;
  legalBasis?: InputMaybe<OrderByDirection>;
  nationalIdUse?: InputMaybe<OrderByDirection>;
  nature?: InputMaybe<OrderByDirection>;
  neededCategories?: InputMaybe<OrderByDirection>;
  offenceAuthority?: InputMaybe<OrderByDirection>;
  onlineService?: InputMaybe<OrderByDirection>;
  roles?: InputMaybe<OrderByDirection>;
  safeguards?: InputMaybe<OrderByDirection>;
  specialCondition?: InputMaybe<OrderByDirection>;
  statistics?: InputMaybe<OrderByDirection>;
  updatedAt?: InputMaybe<OrderByDirection>;
  validFrom?: InputMaybe<OrderByDirection>;
  validUntil?: InputMaybe<OrderByDirection>;
  version?: InputMaybe<OrderByDirection>;
};

/** Fields to change; null clears one, one left out stays. */
export type PurposeUpdateInput = {
  /** Solely automated decision with legal or similar effect */
  automatedDecision?: InputMaybe<Scalars['Boolean']['input']>;
  /** Ground of Art. 22(2): one of none, contract, law, consent */
  automatedGround?: InputMaybe<Scalars['String']['input']>;
  /** Balancing test (legitimate interest): one of none, passed, failed */
  balancingTest?: InputMaybe<Scalars['String']['input']>;
  /** Validity of consent (months) */
  consentValidityMonths?: InputMaybe<Scalars['Int']['input']>;
  /** Direct marketing */
  directMarketing?: InputMaybe<Scalars['Boolean']['input']>;
  /** Double opt-in */
  doubleOptIn?: InputMaybe<Scalars['Boolean']['input']>;
  /** Dotted key */
  key?: InputMaybe<Scalars['String']['input']>;
  /** Label (English) */
  labelEn?: InputMaybe<Scalars['String']['input']>;
  /** Label (French) */
  labelFr?: InputMaybe<Scalars['String']['input']>;
  /** Law that demands it (bases c and e) */
  lawReference?: InputMaybe<Scalars['String']['input']>;
  /** Legal basis: one of A6-1-a, A6-1-b, A6-1-c, A6-1-d, A6-1-e, A6-1-f */
  legalBasis?: InputMaybe<Scalars['String']['input']>;
  /** Use of the national id that the law lists */
  nationalIdUse?: InputMaybe<Scalars['String']['input']>;
  /** Nature, for what the law treats apart: one of ordinary, access_request, breach_notice, legal_claim, protection_of_others, public_interest, supervision, archive, erasure */
  nature?: InputMaybe<Scalars['String']['input']>;
  /** Data categories that it needs, separated by spaces */
  neededCategories?: InputMaybe<Scalars['String']['input']>;
  /** Law or authority for data on offences (Art. 10) */
  offenceAuthority?: InputMaybe<Scalars['String']['input']>;
  /** Online service offered directly to children too (Art. 8) */
  onlineService?: InputMaybe<Scalars['Boolean']['input']>;
  /** Roles that may name it, separated by spaces */
  roles?: InputMaybe<Scalars['String']['input']>;
  /** Safeguards of Art. 89: pseudonymised, no decision on a person */
  safeguards?: InputMaybe<Scalars['Boolean']['input']>;
  /** Condition for special categories (Art. 9(2)): one of none, A9-2-a, A9-2-b, A9-2-c, A9-2-d, A9-2-e, A9-2-f, A9-2-g, A9-2-h, A9-2-i, A9-2-j */
  specialCondition?: InputMaybe<Scalars['String']['input']>;
  /** Statistics or research only */
  statistics?: InputMaybe<Scalars['Boolean']['input']>;
  /** Registered from */
  validFrom?: InputMaybe<Scalars['Date']['input']>;
  /** Registered until */
  validUntil?: InputMaybe<Scalars['Date']['input']>;
};

/** A new record. */
export type RecipientCreateInput = {
  /** Inside the scope of the adequacy decision */
  adequacyScopeOk?: InputMaybe<Scalars['Boolean']['input']>;
  /** International agreement on which an authority's order rests (Art. 48) */
  agreement?: InputMaybe<Scalars['String']['input']>;
  /** Arrangement (Art. 26) valid until */
  arrangementUntil?: InputMaybe<Scalars['Date']['input']>;
  /** Transfer impact assessment: one of none, positive, negative */
  assessment?: InputMaybe<Scalars['String']['input']>;
  /** Assessment to be reviewed on */
  assessmentReviewAt?: InputMaybe<Scalars['Date']['input']>;
  /** Contract (Art. 28(3)) valid until */
  contractUntil?: InputMaybe<Scalars['Date']['input']>;
  /** Country or organisation (ISO 3166, EPO) */
  country: Scalars['String']['input'];
  /** Active in the Data Privacy Framework */
  dpfActive?: InputMaybe<Scalars['Boolean']['input']>;
  /** Certified for hosting health data (HDS) */
  hds?: InputMaybe<Scalars['Boolean']['input']>;
  /** Who holds the keys: one of customer, eu_third_party, provider */
  keyHolder?: InputMaybe<Scalars['String']['input']>;
  /** Entry among the legal entities */
  legalEntityId?: InputMaybe<Scalars['ID']['input']>;
  /** Transfer mechanism: one of none, adequacy, dpf, scc, bcr, derogation_a, derogation_b, derogation_c, derogation_e */
  mechanism?: InputMaybe<Scalars['String']['input']>;
  /** Annexes complete */
  mechanismComplete?: InputMaybe<Scalars['Boolean']['input']>;
  /** Module of the clauses */
  mechanismModule?: InputMaybe<Scalars['String']['input']>;
  /** Legal entity */
  name: Scalars['String']['input'];
  /** Occasional */
  occasional?: InputMaybe<Scalars['Boolean']['input']>;
  /** Legal basis of its own (separate controller): one of none, A6-1-a, A6-1-b, A6-1-c, A6-1-d, A6-1-e, A6-1-f */
  ownBasis?: InputMaybe<Scalars['String']['input']>;
  /** Needs clear text */
  plaintextNeeded?: InputMaybe<Scalars['Boolean']['input']>;
  /** Purposes of its instructions or disclosure, separated by spaces */
  purposes?: InputMaybe<Scalars['String']['input']>;
  /** Role: one of controller, joint_controller, processor, sub_processor, same_controller, data_subject, authority */
  role: Scalars['String']['input'];
};

/** A recipient that is not registered yet. */
export type RecipientDraftInput = {
  /** A provider card to start from. */
  card?: InputMaybe<Scalars['String']['input']>;
  /** The channel that its requests name. */
  channel?: InputMaybe<Scalars['String']['input']>;
  /** Those of the draft when left out, or all. */
  purposes?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Role of its clients; each that may name the purpose when left out. */
  role?: InputMaybe<Scalars['String']['input']>;
  /** Fields as in the input of `createRecipient`; they win over the card. */
  set?: InputMaybe<Scalars['JSON']['input']>;
};

/** Which records, by shown values; all parts must hold. */
export type RecipientFilter = {
  /** Inside the scope of the adequacy decision */
  adequacyScopeOk?: InputMaybe<BooleanFilter>;
  /** International agreement on which an authority's order rests (Art. 48) */
  agreement?: InputMaybe<StringFilter>;
  and?: InputMaybe<Array<RecipientFilter>>;
  /** Arrangement (Art. 26) valid until */
  arrangementUntil?: InputMaybe<DateFilter>;
  /** Transfer impact assessment: one of none, positive, negative */
  assessment?: InputMaybe<KeyFilter>;
  /** Assessment to be reviewed on */
  assessmentReviewAt?: InputMaybe<DateFilter>;
  /** When the data was collected. */
  collectedAt?: InputMaybe<DateTimeFilter>;
  /** The purpose of collection. */
  collectedFor?: InputMaybe<StringFilter>;
  /** Contract (Art. 28(3)) valid until */
  contractUntil?: InputMaybe<DateFilter>;
  /** Country or organisation (ISO 3166, EPO) */
  country?: InputMaybe<StringFilter>;
  /** When the record was created here. */
  createdAt?: InputMaybe<DateTimeFilter>;
  /** When the record went into the trash; null for live records. */
  deletedAt?: InputMaybe<DateTimeFilter>;
  /** Active in the Data Privacy Framework */
  dpfActive?: InputMaybe<BooleanFilter>;
  /** Certified for hosting health data (HDS) */
  hds?: InputMaybe<BooleanFilter>;
  /** Opaque id of the record. */
  id?: InputMaybe<IdFilter>;
  /** Who holds the keys: one of customer, eu_third_party, provider */
  keyHolder?: InputMaybe<KeyFilter>;
  legalEntity?: InputMaybe<LegalEntityFilter>;
  /** Entry among the legal entities */
  legalEntityId?: InputMaybe<IdFilter>;
  /** Transfer mechanism: one of none, adequacy, dpf, scc, bcr, derogation_a, derogation_b, derogation_c, derogation_e */
  mechanism?: InputMaybe<KeyFilter>;
  /** Annexes complete */
  mechanismComplete?: InputMaybe<BooleanFilter>;
  /** Module of the clauses */
  mechanismModule?: InputMaybe<StringFilter>;
  /** Legal entity */
  name?: InputMaybe<StringFilter>;
  not?: InputMaybe<RecipientFilter>;
  /** Occasional */
  occasional?: InputMaybe<BooleanFilter>;
  /** Some part must hold; an empty list matches nothing. */
  or?: InputMaybe<Array<RecipientFilter>>;
  /** Legal basis of its own (separate controller): one of none, A6-1-a, A6-1-b, A6-1-c, A6-1-d, A6-1-e, A6-1-f */
  ownBasis?: InputMaybe<KeyFilter>;
  /** Needs clear text */
  plaintextNeeded?: InputMaybe<BooleanFilter>;
  processors?: InputMaybe<ProcessingLinkListFilter>;
  /** Purposes of its instructions or disclosure, separated by spaces */
  purposes?: InputMaybe<StringFilter>;
  /** Role: one of controller, joint_controller, processor, sub_processor, same_controller, data_subject, authority */
  role?: InputMaybe<KeyFilter>;
  /** When the record was last changed. */
  updatedAt?: InputMaybe<DateTimeFilter>;
  /** Grows by one with each change; send it as `expectedVersion`. */
  version?: InputMaybe<IntFilter>;
};

/** A field whose shown values make the groups. */
export type RecipientGroupField =
  /** Inside the scope of the adequacy decision */
  | 'adequacyScopeOk'
  /** International agreement on which an authority's order rests (Art. 48) */
  | 'agreement'
  /** Arrangement (Art. 26) valid until */
  | 'arrangementUntil'
  /** Transfer impact assessment: one of none, positive, negative */
  | 'assessment'
  /** Assessment to be reviewed on */
  | 'assessmentReviewAt'
  /** When the data was collected. */
  | 'collectedAt'
  /** The purpose of collection. */
  | 'collectedFor'
  /** Contract (Art. 28(3)) valid until */
  | 'contractUntil'
  /** Country or organisation (ISO 3166, EPO) */
  | 'country'
  /** When the record was created here. */
  | 'createdAt'
  /** When the record went into the trash; null for live records. */
  | 'deletedAt'
  /** Active in the Data Privacy Framework */
  | 'dpfActive'
  /** Certified for hosting health data (HDS) */
  | 'hds'
  /** Who holds the keys: one of customer, eu_third_party, provider */
  | 'keyHolder'
  /** Entry among the legal entities */
  | 'legalEntityId'
  /** Transfer mechanism: one of none, adequacy, dpf, scc, bcr, derogation_a, derogation_b, derogation_c, derogation_e */
  | 'mechanism'
  /** Annexes complete */
  | 'mechanismComplete'
  /** Module of the clauses */
  | 'mechanismModule'
  /** Legal entity */
  | 'name'
  /** Occasional */
  | 'occasional'
  /** Legal basis of its own (separate controller): one of none, A6-1-a, A6-1-b, A6-1-c, A6-1-d, A6-1-e, A6-1-f */
  | 'ownBasis'
  /** Needs clear text */
  | 'plaintextNeeded'
  /** Purposes of its instructions or disclosure, separated by spaces */
  | 'purposes'
  /** Role: one of controller, joint_controller, processor, sub_processor, same_controller, data_subject, authority */
  | 'role'
  /** When the record was last changed. */
  | 'updatedAt';

/** Tests of the visible records on the other side of a reference. */
export type RecipientListFilter = {
  /** No record matches. */
  none?: InputMaybe<RecipientFilter>;
  /** Some record matches. */
  some?: InputMaybe<RecipientFilter>;
};

/** One order key: exactly one field. */
export type RecipientOrderBy = {
  adequacyScopeOk?: InputMaybe<OrderByDirection>;
  agreement?: InputMaybe<OrderByDirection>;
  arrangementUntil?: InputMaybe<OrderByDirection>;
  assessment?: InputMaybe<OrderByDirection>;
  assessmentReviewAt?: InputMaybe<OrderByDirection>;
  collectedAt?: InputMaybe<OrderByDirection>;
  collectedFor?: InputMaybe<OrderByDirection>;
  contractUntil?: InputMaybe<OrderByDirection>;
  country?: InputMaybe<OrderByDirection>;
  createdAt?: InputMaybe<OrderByDirection>;
  deletedAt?: InputMaybe<OrderByDirection>;
  dpfActive?: InputMaybe<OrderByDirection>;
  hds?: InputMaybe<OrderByDirection>;
  keyHolder?: InputMaybe<OrderByDirection>;
  mechanism?: InputMaybe<OrderByDirection>;
  mechanismComplete?: InputMaybe<OrderByDirection>;
  mechanismModule?: InputMaybe<OrderByDirection>;
  name?: InputMaybe<OrderByDirection>;
  occasional?: InputMaybe<OrderByDirection>;
  ownBasis?: InputMaybe<OrderByDirection>;
  plaintextNeeded?: InputMaybe<OrderByDirection>;
  purposes?: InputMaybe<OrderByDirection>;
  role?: InputMaybe<OrderByDirection>;
  updatedAt?: InputMaybe<OrderByDirection>;
  version?: InputMaybe<OrderByDirection>;
};

/** Fields to change; null clears one, one left out stays. */
export type RecipientUpdateInput = {
  /** Inside the scope of the adequacy decision */
  adequacyScopeOk?: InputMaybe<Scalars['Boolean']['input']>;
  /** International agreement on which an authority's order rests (Art. 48) */
  agreement?: InputMaybe<Scalars['String']['input']>;
  /** Arrangement (Art. 26) valid until */
  arrangementUntil?: InputMaybe<Scalars['Date']['input']>;
  /** Transfer impact assessment: one of none, positive, negative */
  assessment?: InputMaybe<Scalars['String']['input']>;
  /** Assessment to be reviewed on */
  assessmentReviewAt?: InputMaybe<Scalars['Date']['input']>;
  /** Contract (Art. 28(3)) valid until */
  contractUntil?: InputMaybe<Scalars['Date']['input']>;
  /** Country or organisation (ISO 3166, EPO) */
  country?: InputMaybe<Scalars['String']['input']>;
  /** Active in the Data Privacy Framework */
  dpfActive?: InputMaybe<Scalars['Boolean']['input']>;
  /** Certified for hosting health data (HDS) */
  hds?: InputMaybe<Scalars['Boolean']['input']>;
  /** Who holds the keys: one of customer, eu_third_party, provider */
  keyHolder?: InputMaybe<Scalars['String']['input']>;
  /** Entry among the legal entities */
  legalEntityId?: InputMaybe<Scalars['ID']['input']>;
  /** Transfer mechanism: one of none, adequacy, dpf, scc, bcr, derogation_a, derogation_b, derogation_c, derogation_e */
  mechanism?: InputMaybe<Scalars['String']['input']>;
  /** Annexes complete */
  mechanismComplete?: InputMaybe<Scalars['Boolean']['input']>;
  /** Module of the clauses */
  mechanismModule?: InputMaybe<Scalars['String']['input']>;
  /** Legal entity */
  name?: InputMaybe<Scalars['String']['input']>;
  /** Occasional */
  occasional?: InputMaybe<Scalars['Boolean']['input']>;
  /** Legal basis of its own (separate controller): one of none, A6-1-a, A6-1-b, A6-1-c, A6-1-d, A6-1-e, A6-1-f */
  ownBasis?: InputMaybe<Scalars['String']['input']>;
  /** Needs clear text */
  plaintextNeeded?: InputMaybe<Scalars['Boolean']['input']>;
  /** Purposes of its instructions or disclosure, separated by spaces */
  purposes?: InputMaybe<Scalars['String']['input']>;
  /** Role: one of controller, joint_controller, processor, sub_processor, same_controller, data_subject, authority */
  role?: InputMaybe<Scalars['String']['input']>;
};

/** What happened with a record. */
export type RecordChangeKind =
  /** It is in view no longer, whatever the cause; the id is all that is told. */
  | 'ACCESS_ENDED'
  /** It came into view: it is new, or it matches or may be seen since. */
  | 'CREATED'
  /** It went into the trash, where it may be seen. */
  | 'DELETED'
  /** Something of what is shown of it changed. */
  | 'UPDATED';

export type RecordConsentInput = {
  /** GIVEN when absent. */
  answer?: InputMaybe<ConsentAnswer>;
  /** email, sms, call, post; every channel when absent. */
  channels?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Collected by */
  collector?: InputMaybe<Scalars['String']['input']>;
  /** Whether a service depends on it: one of free, conditional, necessary */
  conditionality?: InputMaybe<Scalars['String']['input']>;
  /** Why it is free all the same */
  conditionalityReason?: InputMaybe<Scalars['String']['input']>;
  contactId: Scalars['ID']['input'];
  /** Controller relying on it */
  controller?: InputMaybe<Scalars['String']['input']>;
  /** Where the evidence is kept */
  evidence?: InputMaybe<Scalars['String']['input']>;
  /** Explicit */
  explicit?: InputMaybe<Scalars['Boolean']['input']>;
  /** Given by: one of person, guardian, both */
  givenBy?: InputMaybe<Scalars['String']['input']>;
  /** When the person said it; now when absent. */
  happenedAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** Jurisdiction */
  jurisdiction?: InputMaybe<Scalars['String']['input']>;
  /** Language of the wording */
  language?: InputMaybe<Scalars['String']['input']>;
  /** Method of capture: one of checkbox, signature, call, email, pre_ticked, silence, import */
  method?: InputMaybe<Scalars['String']['input']>;
  /** Version of the notice */
  noticeVersion?: InputMaybe<Scalars['String']['input']>;
  /** Key of a registered purpose. */
  purpose: Scalars['String']['input'];
  /** How it is withdrawn */
  withdrawalMethod?: InputMaybe<Scalars['String']['input']>;
  /** Wording shown */
  wording?: InputMaybe<Scalars['String']['input']>;
};

/** The version that a record must have. */
export type RecordVersion = {
  id: Scalars['ID']['input'];
  version: Scalars['Int']['input'];
};

/** A change of a reference table. Exactly one of `set`, `ends`, `remove` and `add`. */
export type ReferenceChangeInput = {
  /** A new row: its values by column. */
  add?: InputMaybe<Scalars['JSON']['input']>;
  /** The last day on which the rows are valid. */
  ends?: InputMaybe<Scalars['Date']['input']>;
  /** The rows are not there. */
  remove?: InputMaybe<Scalars['Boolean']['input']>;
  /** Other values, by column. */
  set?: InputMaybe<Scalars['JSON']['input']>;
  /** adequacy, territories, ... */
  table: Scalars['String']['input'];
  /** The rows that are meant: their values by column. */
  where?: InputMaybe<Scalars['JSON']['input']>;
};

/** A change of a record about nobody: of a purpose, a recipient, an assessment. */
export type RegisterChangeInput = {
  /** recipient, purpose, ... */
  entity: Scalars['String']['input'];
  /** The record. */
  id: Scalars['ID']['input'];
  /** Its fields after the change, as in its input. */
  set: Scalars['JSON']['input'];
};

export type RoleRecordsInput = {
  /** On which records: none, own, team, all; none when absent. */
  create?: InputMaybe<Scalars['String']['input']>;
  /** On which records: none, own, team, all; none when absent. */
  delete?: InputMaybe<Scalars['String']['input']>;
  /** As the schema names one record; * for all others. */
  entity: Scalars['String']['input'];
  /** On which records: none, own, team, all; none when absent. */
  export?: InputMaybe<Scalars['String']['input']>;
  /** Not written. */
  fixedFields?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Not shown. */
  hiddenFields?: InputMaybe<Array<Scalars['String']['input']>>;
  /** On which records: none, own, team, all; none when absent. */
  import?: InputMaybe<Scalars['String']['input']>;
  /** On which records: none, own, team, all; none when absent. */
  merge?: InputMaybe<Scalars['String']['input']>;
  /** On which records: none, own, team, all; none when absent. */
  read?: InputMaybe<Scalars['String']['input']>;
  /** On which records: none, own, team, all; none when absent. */
  update?: InputMaybe<Scalars['String']['input']>;
};

/** A new record. */
export type SavedViewCreateInput = {
  /** Columns (JSON) */
  columns?: InputMaybe<Scalars['String']['input']>;
  /** Entity */
  entity: Scalars['String']['input'];
  /** Filter (JSON) */
  filter?: InputMaybe<Scalars['String']['input']>;
  /** Name */
  name: Scalars['String']['input'];
  /** Order (JSON) */
  orderBy?: InputMaybe<Scalars['String']['input']>;
};

/** Which records, by shown values; all parts must hold. */
export type SavedViewFilter = {
  and?: InputMaybe<Array<SavedViewFilter>>;
  /** When the data was collected. */
  collectedAt?: InputMaybe<DateTimeFilter>;
  /** The purpose of collection. */
  collectedFor?: InputMaybe<StringFilter>;
  /** Columns (JSON) */
  columns?: InputMaybe<StringFilter>;
  /** When the record was created here. */
  createdAt?: InputMaybe<DateTimeFilter>;
  /** When the record went into the trash; null for live records. */
  deletedAt?: InputMaybe<DateTimeFilter>;
  /** Entity */
  entity?: InputMaybe<StringFilter>;
  /** Filter (JSON) */
  filter?: InputMaybe<StringFilter>;
  /** Opaque id of the record. */
  id?: InputMaybe<IdFilter>;
  /** Name */
  name?: InputMaybe<StringFilter>;
  not?: InputMaybe<SavedViewFilter>;
  /** Some part must hold; an empty list matches nothing. */
  or?: InputMaybe<Array<SavedViewFilter>>;
  /** Order (JSON) */
  orderBy?: InputMaybe<StringFilter>;
  /** When the record was last changed. */
  updatedAt?: InputMaybe<DateTimeFilter>;
  /** Grows by one with each change; send it as `expectedVersion`. */
  version?: InputMaybe<IntFilter>;
};

/** A field whose shown values make the groups. */
export type SavedViewGroupField =
  /** When the data was collected. */
  | 'collectedAt'
  /** The purpose of collection. */
  | 'collectedFor'
  /** Columns (JSON) */
  | 'columns'
  /** When the record was created here. */
  | 'createdAt'
  /** When the record went into the trash; null for live records. */
  | 'deletedAt'
  /** Entity */
  | 'entity'
  /** Filter (JSON) */
  | 'filter'
  /** Name */
  | 'name'
  /** Order (JSON) */
  | 'orderBy'
  /** When the record was last changed. */
  | 'updatedAt';

/** Tests of the visible records on the other side of a reference. */
export type SavedViewListFilter = {
  /** No record matches. */
  none?: InputMaybe<SavedViewFilter>;
  /** Some record matches. */
  some?: InputMaybe<SavedViewFilter>;
};

/** One order key: exactly one field. */
export type SavedViewOrderBy = {
  collectedAt?: InputMaybe<OrderByDirection>;
  collectedFor?: InputMaybe<OrderByDirection>;
  columns?: InputMaybe<OrderByDirection>;
  createdAt?: InputMaybe<OrderByDirection>;
  deletedAt?: InputMaybe<OrderByDirection>;
  entity?: InputMaybe<OrderByDirection>;
  filter?: InputMaybe<OrderByDirection>;
  name?: InputMaybe<OrderByDirection>;
  orderBy?: InputMaybe<OrderByDirection>;
  updatedAt?: InputMaybe<OrderByDirection>;
  version?: InputMaybe<OrderByDirection>;
};

/** Fields to change; null clears one, one left out stays. */
export type SavedViewUpdateInput = {
  /** Columns (JSON) */
  columns?: InputMaybe<Scalars['String']['input']>;
  /** Entity */
  entity?: InputMaybe<Scalars['String']['input']>;
  /** Filter (JSON) */
  filter?: InputMaybe<Scalars['String']['input']>;
  /** Name */
  name?: InputMaybe<Scalars['String']['input']>;
  /** Order (JSON) */
  orderBy?: InputMaybe<Scalars['String']['input']>;
};

/** What can be searched. */
export type SearchEntity =
  /** Activity */
  | 'activity'
  /** Attachment */
  | 'attachment'
  /** Company */
  | 'company'
  /** Compatibility assessment */
  | 'compatibilityAssessment'
  /** Consent event */
  | 'consentEvent'
  /** Contact */
  | 'contact'
  /** Postal address */
  | 'contactAddress'
  /** E-mail address */
  | 'contactEmail'
  /** Phone number */
  | 'contactPhone'
  /** Deal */
  | 'deal'
  /** Line of a deal */
  | 'dealLine'
  /** Lead */
  | 'lead'
  /** Legal entity */
  | 'legalEntity'
  /** Pipeline */
  | 'pipeline'
  /** Product */
  | 'product'
  /** Purpose */
  | 'purpose'
  /** Recipient */
  | 'recipient'
  /** Saved view */
  | 'savedView'
  /** Tag */
  | 'tag';

export type SetRoleInput = {
  /** None when absent. */
  duties?: InputMaybe<Array<Scalars['String']['input']>>;
  /** A known role, or a new one. */
  key: Scalars['String']['input'];
  /** For people. */
  label: Scalars['String']['input'];
  /** In French. */
  labelFr?: InputMaybe<Scalars['String']['input']>;
  /** What is not named is not granted. */
  records: Array<RoleRecordsInput>;
};

export type StartExportInput = {
  /** As the schema names one record: contact. */
  entity: Scalars['String']['input'];
  /** All fields when absent. */
  fields?: InputMaybe<Array<Scalars['String']['input']>>;
  /** As the entity's list takes it. */
  filter?: InputMaybe<Scalars['JSON']['input']>;
  /** csv or ndjson. */
  format: Scalars['String']['input'];
  /** Needed where personal data leaves. */
  recipient?: InputMaybe<Scalars['ID']['input']>;
};

/** Tests of a shown value, all of which must hold. A masked or absent value matches `is: NULL` only. */
export type StringFilter = {
  /** Case-insensitive. */
  contains?: InputMaybe<Scalars['String']['input']>;
  /** Case-insensitive. */
  endsWith?: InputMaybe<Scalars['String']['input']>;
  eq?: InputMaybe<Scalars['String']['input']>;
  gt?: InputMaybe<Scalars['String']['input']>;
  gte?: InputMaybe<Scalars['String']['input']>;
  /** The same, case-insensitive. */
  ilike?: InputMaybe<Scalars['String']['input']>;
  in?: InputMaybe<Array<Scalars['String']['input']>>;
  is?: InputMaybe<FilterIs>;
  /** Pattern with `%` and `_`; `\` escapes; case-sensitive. */
  like?: InputMaybe<Scalars['String']['input']>;
  lt?: InputMaybe<Scalars['String']['input']>;
  lte?: InputMaybe<Scalars['String']['input']>;
  neq?: InputMaybe<Scalars['String']['input']>;
  /** Case-insensitive. */
  startsWith?: InputMaybe<Scalars['String']['input']>;
};

/** A new record. */
export type TagCreateInput = {
  /** Colour */
  colour?: InputMaybe<Scalars['String']['input']>;
  /** Name */
  name: Scalars['String']['input'];
};

/** Which records, by shown values; all parts must hold. */
export type TagFilter = {
  and?: InputMaybe<Array<TagFilter>>;
  /** When the data was collected. */
  collectedAt?: InputMaybe<DateTimeFilter>;
  /** The purpose of collection. */
  collectedFor?: InputMaybe<StringFilter>;
  /** Colour */
  colour?: InputMaybe<StringFilter>;
  /** When the record was created here. */
  createdAt?: InputMaybe<DateTimeFilter>;
  /** When the record went into the trash; null for live records. */
  deletedAt?: InputMaybe<DateTimeFilter>;
  /** Opaque id of the record. */
  id?: InputMaybe<IdFilter>;
  /** Name */
  name?: InputMaybe<StringFilter>;
  not?: InputMaybe<TagFilter>;
  /** Some part must hold; an empty list matches nothing. */
  or?: InputMaybe<Array<TagFilter>>;
  taggings?: InputMaybe<TaggingListFilter>;
  /** When the record was last changed. */
  updatedAt?: InputMaybe<DateTimeFilter>;
  /** Grows by one with each change; send it as `expectedVersion`. */
  version?: InputMaybe<IntFilter>;
};

/** A field whose shown values make the groups. */
export type TagGroupField =
  /** When the data was collected. */
  | 'collectedAt'
  /** The purpose of collection. */
  | 'collectedFor'
  /** Colour */
  | 'colour'
  /** When the record was created here. */
  | 'createdAt'
  /** When the record went into the trash; null for live records. */
  | 'deletedAt'
  /** Name */
  | 'name'
  /** When the record was last changed. */
  | 'updatedAt';

/** Tests of the visible records on the other side of a reference. */
export type TagListFilter = {
  /** No record matches. */
  none?: InputMaybe<TagFilter>;
  /** Some record matches. */
  some?: InputMaybe<TagFilter>;
};

/** One order key: exactly one field. */
export type TagOrderBy = {
  collectedAt?: InputMaybe<OrderByDirection>;
  collectedFor?: InputMaybe<OrderByDirection>;
  colour?: InputMaybe<OrderByDirection>;
  createdAt?: InputMaybe<OrderByDirection>;
  deletedAt?: InputMaybe<OrderByDirection>;
  name?: InputMaybe<OrderByDirection>;
  updatedAt?: InputMaybe<OrderByDirection>;
  version?: InputMaybe<OrderByDirection>;
};

/** Fields to change; null clears one, one left out stays. */
export type TagUpdateInput = {
  /** Colour */
  colour?: InputMaybe<Scalars['String']['input']>;
  /** Name */
  name?: InputMaybe<Scalars['String']['input']>;
};

/** A new record. */
export type TaggingCreateInput = {
  /** Company */
  companyId?: InputMaybe<Scalars['ID']['input']>;
  /** Contact */
  contactId?: InputMaybe<Scalars['ID']['input']>;
  /** Deal */
  dealId?: InputMaybe<Scalars['ID']['input']>;
  /** Lead */
  leadId?: InputMaybe<Scalars['ID']['input']>;
  /** Tag */
  tagId: Scalars['ID']['input'];
};

/** Which records, by shown values; all parts must hold. */
export type TaggingFilter = {
  and?: InputMaybe<Array<TaggingFilter>>;
  /** When the data was collected. */
  collectedAt?: InputMaybe<DateTimeFilter>;
  /** The purpose of collection. */
  collectedFor?: InputMaybe<StringFilter>;
  company?: InputMaybe<CompanyFilter>;
  /** Company */
  companyId?: InputMaybe<IdFilter>;
  contact?: InputMaybe<ContactFilter>;
  /** Contact */
  contactId?: InputMaybe<IdFilter>;
  /** When the record was created here. */
  createdAt?: InputMaybe<DateTimeFilter>;
  deal?: InputMaybe<DealFilter>;
  /** Deal */
  dealId?: InputMaybe<IdFilter>;
  /** When the record went into the trash; null for live records. */
  deletedAt?: InputMaybe<DateTimeFilter>;
  /** Opaque id of the record. */
  id?: InputMaybe<IdFilter>;
  lead?: InputMaybe<LeadFilter>;
  /** Lead */
  leadId?: InputMaybe<IdFilter>;
  not?: InputMaybe<TaggingFilter>;
  /** Some part must hold; an empty list matches nothing. */
  or?: InputMaybe<Array<TaggingFilter>>;
  tag?: InputMaybe<TagFilter>;
  /** Tag */
  tagId?: InputMaybe<IdFilter>;
  /** When the record was last changed. */
  updatedAt?: InputMaybe<DateTimeFilter>;
  /** Grows by one with each change; send it as `expectedVersion`. */
  version?: InputMaybe<IntFilter>;
};

/** A field whose shown values make the groups. */
export type TaggingGroupField =
  /** When the data was collected. */
  | 'collectedAt'
  /** The purpose of collection. */
  | 'collectedFor'
  /** Company */
  | 'companyId'
  /** Contact */
  | 'contactId'
  /** When the record was created here. */
  | 'createdAt'
  /** Deal */
  | 'dealId'
  /** When the record went into the trash; null for live records. */
  | 'deletedAt'
  /** Lead */
  | 'leadId'
  /** Tag */
  | 'tagId'
  /** When the record was last changed. */
  | 'updatedAt';

/** Tests of the visible records on the other side of a reference. */
export type TaggingListFilter = {
  /** No record matches. */
  none?: InputMaybe<TaggingFilter>;
  /** Some record matches. */
  some?: InputMaybe<TaggingFilter>;
};

/** One order key: exactly one field. */
export type TaggingOrderBy = {
  collectedAt?: InputMaybe<OrderByDirection>;
  collectedFor?: InputMaybe<OrderByDirection>;
  createdAt?: InputMaybe<OrderByDirection>;
  deletedAt?: InputMaybe<OrderByDirection>;
  updatedAt?: InputMaybe<OrderByDirection>;
  version?: InputMaybe<OrderByDirection>;
};

/** Fields to change; null clears one, one left out stays. */
export type TaggingUpdateInput = {
  /** Company */
  companyId?: InputMaybe<Scalars['ID']['input']>;
  /** Contact */
  contactId?: InputMaybe<Scalars['ID']['input']>;
  /** Deal */
  dealId?: InputMaybe<Scalars['ID']['input']>;
  /** Lead */
  leadId?: InputMaybe<Scalars['ID']['input']>;
  /** Tag */
  tagId?: InputMaybe<Scalars['ID']['input']>;
};

/** A new record. */
export type TeamCreateInput = {
  /** Name */
  name: Scalars['String']['input'];
};

/** Which records, by shown values; all parts must hold. */
export type TeamFilter = {
  and?: InputMaybe<Array<TeamFilter>>;
  /** When the data was collected. */
  collectedAt?: InputMaybe<DateTimeFilter>;
  /** The purpose of collection. */
  collectedFor?: InputMaybe<StringFilter>;
  /** When the record was created here. */
  createdAt?: InputMaybe<DateTimeFilter>;
  /** When the record went into the trash; null for live records. */
  deletedAt?: InputMaybe<DateTimeFilter>;
  /** Opaque id of the record. */
  id?: InputMaybe<IdFilter>;
  members?: InputMaybe<UserListFilter>;
  /** Name */
  name?: InputMaybe<StringFilter>;
  not?: InputMaybe<TeamFilter>;
  /** Some part must hold; an empty list matches nothing. */
  or?: InputMaybe<Array<TeamFilter>>;
  /** When the record was last changed. */
  updatedAt?: InputMaybe<DateTimeFilter>;
  /** Grows by one with each change; send it as `expectedVersion`. */
  version?: InputMaybe<IntFilter>;
};

/** A field whose shown values make the groups. */
export type TeamGroupField =
  /** When the data was collected. */
  | 'collectedAt'
  /** The purpose of collection. */
  | 'collectedFor'
  /** When the record was created here. */
  | 'createdAt'
  /** When the record went into the trash; null for live records. */
  | 'deletedAt'
  /** Name */
  | 'name'
  /** When the record was last changed. */
  | 'updatedAt';

/** Tests of the visible records on the other side of a reference. */
export type TeamListFilter = {
  /** No record matches. */
  none?: InputMaybe<TeamFilter>;
  /** Some record matches. */
  some?: InputMaybe<TeamFilter>;
};

/** One order key: exactly one field. */
export type TeamOrderBy = {
  collectedAt?: InputMaybe<OrderByDirection>;
  collectedFor?: InputMaybe<OrderByDirection>;
  createdAt?: InputMaybe<OrderByDirection>;
  deletedAt?: InputMaybe<OrderByDirection>;
  name?: InputMaybe<OrderByDirection>;
  updatedAt?: InputMaybe<OrderByDirection>;
  version?: InputMaybe<OrderByDirection>;
};

/** Fields to change; null clears one, one left out stays. */
export type TeamUpdateInput = {
  /** Name */
  name?: InputMaybe<Scalars['String']['input']>;
};

/** A new record. */
export type UserCreateInput = {
  /** Name */
  name: Scalars['String']['input'];
  /** Team */
  teamId?: InputMaybe<Scalars['ID']['input']>;
};

/** Which records, by shown values; all parts must hold. */
export type UserFilter = {
  and?: InputMaybe<Array<UserFilter>>;
  /** When the data was collected. */
  collectedAt?: InputMaybe<DateTimeFilter>;
  /** The purpose of collection. */
  collectedFor?: InputMaybe<StringFilter>;
  /** When the record was created here. */
  createdAt?: InputMaybe<DateTimeFilter>;
  /** When the record went into the trash; null for live records. */
  deletedAt?: InputMaybe<DateTimeFilter>;
  /** E-mail */
  email?: InputMaybe<StringFilter>;
  /** Opaque id of the record. */
  id?: InputMaybe<IdFilter>;
  /** Name */
  name?: InputMaybe<StringFilter>;
  not?: InputMaybe<UserFilter>;
  /** Some part must hold; an empty list matches nothing. */
  or?: InputMaybe<Array<UserFilter>>;
  team?: InputMaybe<TeamFilter>;
  /** Team */
  teamId?: InputMaybe<IdFilter>;
  /** When the record was last changed. */
  updatedAt?: InputMaybe<DateTimeFilter>;
  /** Grows by one with each change; send it as `expectedVersion`. */
  version?: InputMaybe<IntFilter>;
};

/** A field whose shown values make the groups. */
export type UserGroupField =
  /** When the data was collected. */
  | 'collectedAt'
  /** The purpose of collection. */
  | 'collectedFor'
  /** When the record was created here. */
  | 'createdAt'
  /** When the record went into the trash; null for live records. */
  | 'deletedAt'
  /** E-mail */
  | 'email'
  /** Name */
  | 'name'
  /** Team */
  | 'teamId'
  /** When the record was last changed. */
  | 'updatedAt';

/** Tests of the visible records on the other side of a reference. */
export type UserListFilter = {
  /** No record matches. */
  none?: InputMaybe<UserFilter>;
  /** Some record matches. */
  some?: InputMaybe<UserFilter>;
};

/** One order key: exactly one field. */
export type UserOrderBy = {
  collectedAt?: InputMaybe<OrderByDirection>;
  collectedFor?: InputMaybe<OrderByDirection>;
  createdAt?: InputMaybe<OrderByDirection>;
  deletedAt?: InputMaybe<OrderByDirection>;
  email?: InputMaybe<OrderByDirection>;
  name?: InputMaybe<OrderByDirection>;
  updatedAt?: InputMaybe<OrderByDirection>;
  version?: InputMaybe<OrderByDirection>;
};

/** Fields to change; null clears one, one left out stays. */
export type UserUpdateInput = {
  /** Name */
  name?: InputMaybe<Scalars['String']['input']>;
  /** Team */
  teamId?: InputMaybe<Scalars['ID']['input']>;
};

export type WithdrawConsentInput = {
  /** email, sms, call, post; every channel when absent. */
  channels?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Collected by */
  collector?: InputMaybe<Scalars['String']['input']>;
  /** A contact that this purpose may see. Whoever shares its address is covered too. */
  contactId?: InputMaybe<Scalars['ID']['input']>;
  /** Instead: whoever has it. */
  email?: InputMaybe<Scalars['String']['input']>;
  /** Where the evidence is kept */
  evidence?: InputMaybe<Scalars['String']['input']>;
  /** When the person said it; now when absent. */
  happenedAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** Language of the wording */
  language?: InputMaybe<Scalars['String']['input']>;
  /** Method of capture: one of checkbox, signature, call, email, pre_ticked, silence, import */
  method?: InputMaybe<Scalars['String']['input']>;
  /** Instead: whoever has it. */
  phone?: InputMaybe<Scalars['String']['input']>;
  /** Key of a registered purpose. */
  purpose: Scalars['String']['input'];
  /** Wording shown */
  wording?: InputMaybe<Scalars['String']['input']>;
};

export type PurposesQueryVariables = Exact<{ [key: string]: never; }>;


export type PurposesQuery = { viewer: { purposes: Array<{ key: string | null }> | null } | null };

export type CountContactsQueryVariables = Exact<{ [key: string]: never; }>;


export type CountContactsQuery = { contacts: { totalCount: number | null } | null };

export type ContactPageQueryVariables = Exact<{
  after?: InputMaybe<Scalars['String']['input']>;
}>;


export type ContactPageQuery = { contacts: { nodes: Array<{ id: string, lastName: string | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type ImportStateQueryVariables = Exact<{
  id: Scalars['ID']['input'];
}>;


export type ImportStateQuery = { importJob: { state: string | null, progress: { read: number | null, rejected: number | null } | null } | null };
