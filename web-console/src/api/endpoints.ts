/** One function per endpoint. Names say what happens, not which verb is sent. */

import { request } from "./http.ts";
import type {
  AddedDocument,
  Agent,
  Chatbot,
  ConversationPage,
  Job,
  JobState,
  Knowledge,
  Mail,
  Me,
  Outbox,
  PortalLink,
  Preview,
  Proposal,
  ProviderHealth,
  ProviderTrial,
  Settings,
} from "./types.ts";

const V1 = "/api/v1";
const part = encodeURIComponent;

export interface SetupForm {
  readonly token: string;
  readonly workspace: string;
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

export const setupNeeded = (): Promise<{ needed: boolean }> => request("GET", `${V1}/setup`);
export const setUp = (form: SetupForm): Promise<Me> => request("POST", `${V1}/setup`, { body: form, expects401: true });

export const logIn = (email: string, password: string): Promise<Me> =>
  request("POST", `${V1}/session`, { body: { email, password }, expects401: true });
export const logOut = (): Promise<void> => request("DELETE", `${V1}/session`, { expects401: true });
export const whoAmI = (): Promise<Me> => request("GET", `${V1}/me`, { expects401: true });
export const agents = async (): Promise<Agent[]> => (await request<{ agents: Agent[] }>("GET", `${V1}/agents`)).agents;

export const chatbots = async (): Promise<Chatbot[]> =>
  (await request<{ chatbots: Chatbot[] }>("GET", `${V1}/chatbots`)).chatbots;
export const createChatbot = (name: string): Promise<Chatbot> => request("POST", `${V1}/chatbots`, { body: { name } });
export const saveSettings = (chatbot: string, settings: Settings): Promise<Chatbot> =>
  request("PUT", `${V1}/chatbots/${part(chatbot)}/settings`, { body: settings });

export const providerHealth = (chatbot: string): Promise<ProviderHealth> =>
  request("GET", `${V1}/chatbots/${part(chatbot)}/provider`);
export const tryProvider = (chatbot: string): Promise<ProviderTrial> =>
  request("POST", `${V1}/chatbots/${part(chatbot)}/provider/test`);

export const knowledge = (chatbot: string): Promise<Knowledge> =>
  request("GET", `${V1}/chatbots/${part(chatbot)}/knowledge`);
export const addDocument = (chatbot: string, name: string, text: string): Promise<AddedDocument> =>
  request("POST", `${V1}/chatbots/${part(chatbot)}/knowledge`, { body: { name, text } });
export const deleteDocument = (chatbot: string, document: string): Promise<void> =>
  request("DELETE", `${V1}/chatbots/${part(chatbot)}/knowledge/${part(document)}`);
export const askKnowledge = (chatbot: string, question: string): Promise<Preview> =>
  request("POST", `${V1}/chatbots/${part(chatbot)}/knowledge/ask`, { body: { question } });

export const proposals = async (chatbot: string): Promise<Proposal[]> =>
  (await request<{ proposals: Proposal[] }>("GET", `${V1}/chatbots/${part(chatbot)}/learning`)).proposals;
export const approveProposal = (chatbot: string, proposal: string, question: string, answer: string): Promise<void> =>
  request("POST", `${V1}/chatbots/${part(chatbot)}/learning/${part(proposal)}/approve`, { body: { question, answer } });
export const rejectProposal = (chatbot: string, proposal: string): Promise<void> =>
  request("POST", `${V1}/chatbots/${part(chatbot)}/learning/${part(proposal)}/reject`);

export const conversations = (query: URLSearchParams, signal?: AbortSignal): Promise<ConversationPage> =>
  request("GET", `${V1}/conversations?${query}`, signal ? { signal } : {});
export const portalLinks = async (conversation: string): Promise<PortalLink[]> =>
  (await request<{ links: PortalLink[] }>("GET", `${V1}/conversations/${part(conversation)}/links`)).links;
export const revokePortalLinks = (conversation: string): Promise<void> =>
  request("DELETE", `${V1}/conversations/${part(conversation)}/links`);

export const jobs = async (state: JobState, limit: number): Promise<Job[]> =>
  (await request<{ jobs: Job[] }>("GET", `${V1}/jobs?state=${state}&limit=${limit}`)).jobs;
export const retryJob = (job: string): Promise<void> => request("POST", `${V1}/jobs/${part(job)}/retry`);
export const outbox = (): Promise<Outbox> => request("GET", `${V1}/outbox`);
export const outboxMail = (mail: string): Promise<Mail> => request("GET", `${V1}/outbox/${part(mail)}`);
