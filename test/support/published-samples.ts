/** The requests of the first published protocol, character for character. */
export const samples = {
  register: `{  
  
  "type": "register",  
  
  "username": "user1",  
  
}`,
  login: `{  
  "type": "login",  
  "username": "user1",  
}`,
  sendMessage: `{  
  "type": " SEND_MESSAGE ",  
  "recipient": "user1",  
  "content": "Hi user1"  
}`,
  sendGroupMessage: `{
"type": " SEND_GROUP_MESSAGE ",
"groupname": "groupname1",
"sender": "user1",
"content": "Hi"
}`,
};

/** A sample with other names than the published ones, which on a deployed stage may be taken. */
export function cast(sample: string, names: Record<string, string>): string {
  return Object.entries(names).reduce(
    (text, [seed, name]) => text.replaceAll(`"${seed}"`, `"${name}"`),
    sample,
  );
}
