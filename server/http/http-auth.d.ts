// Types of what is used of http-auth 4, which has none of its own.

declare module 'http-auth' {
  interface BasicResult {
    user?: string;
    pass?: boolean;
  }
  interface Basic {
    /** Reads `authorization` of the headers and asks the checker. */
    isAuthenticated(
      request: { headers: { authorization?: string } },
      callback: (result: BasicResult | Error) => void,
    ): void;
  }
  type Checker = (user: string, password: string, callback: (result: boolean | Error) => void) => void;
  const httpAuth: { basic(options: { realm: string }, checker: Checker): Basic };
  export default httpAuth;
}
