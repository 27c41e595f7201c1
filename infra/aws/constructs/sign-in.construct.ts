// People: a Cognito user pool with hosted sign-in. Accounts are made by invitation; the dashboard signs in with code and PKCE.
import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  AccountRecovery,
  CfnUserPoolUser,
  Mfa,
  OAuthScope,
  UserPool,
  UserPoolClient,
  UserPoolClientIdentityProvider,
} from 'aws-cdk-lib/aws-cognito';
import type { IUserPool } from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { signInPaths } from '../../../functions/contracts/site-config.schema.ts';
import { acknowledge } from '../acknowledge.ts';
import type { FilesBucket } from './files-bucket.construct.ts';
import type { GastownFunction } from './gastown-function.construct.ts';

export interface SignInProps {
  readonly deploymentName: string;
  readonly data: 'retain' | 'destroy';
  /** Is invited by e-mail when the pool is made. */
  readonly ownerEmail?: string;
  /** Remembers who a user id is, for commits made after the token has ended. */
  readonly files: FilesBucket;
}

export class SignIn extends Construct {
  readonly pool: IUserPool;
  /** `https://…`, the hosted sign-in pages. */
  readonly url: string;
  private readonly props: SignInProps;

  constructor(scope: Construct, id: string, props: SignInProps) {
    super(scope, id);
    this.props = props;
    const pool = new UserPool(this, 'People', {
      userPoolName: props.deploymentName,
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      signInCaseSensitive: false,
      autoVerify: { email: true },
      standardAttributes: { email: { required: true, mutable: true } },
      passwordPolicy: {
        minLength: 12,
        requireDigits: true,
        requireLowercase: true,
        requireUppercase: true,
        requireSymbols: true,
        tempPasswordValidity: Duration.days(7),
      },
      mfa: Mfa.OPTIONAL,
      mfaSecondFactor: { otp: true, sms: false },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      deletionProtection: props.data === 'retain',
      removalPolicy: props.data === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    // Domains are unique in the world: the account's number keeps ours apart.
    pool.addDomain('Domain', { cognitoDomain: { domainPrefix: `${props.deploymentName}-${Aws.ACCOUNT_ID}` } });
    this.url = `https://${props.deploymentName}-${Aws.ACCOUNT_ID}.auth.${Aws.REGION}.amazoncognito.com`;
    this.pool = pool;
    if (props.ownerEmail !== undefined) {
      new CfnUserPoolUser(this, 'Owner', {
        userPoolId: pool.userPoolId,
        username: props.ownerEmail,
        desiredDeliveryMediums: ['EMAIL'],
        userAttributes: [
          { name: 'email', value: props.ownerEmail },
          { name: 'email_verified', value: 'true' },
        ],
      });
    }
    acknowledge(pool, {
      'AwsSolutions-COG2': 'A second factor is offered, not demanded: the owner of the account decides; people come by invitation only.',
      'AwsSolutions-COG3': 'Threat protection needs the Plus plan, which costs per person and month; people come by invitation only.',
      'AwsSolutions-COG8': 'The Plus plan costs per person and month; people come by invitation only.',
    });
  }

  /** A public client for the dashboard at this address; code flow, and PKCE because it has no secret. */
  clientFor(scope: Construct, siteUrl: string): UserPoolClient {
    return new UserPoolClient(scope, 'Dashboard', {
      userPool: this.pool,
      userPoolClientName: 'dashboard',
      generateSecret: false,
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      authFlows: { userSrp: false, userPassword: false, adminUserPassword: false, custom: false, user: false },
      oAuth: {
        flows: { authorizationCodeGrant: true, implicitCodeGrant: false, clientCredentials: false },
        scopes: [OAuthScope.OPENID, OAuthScope.EMAIL, OAuthScope.PROFILE],
        callbackUrls: [`${siteUrl}${signInPaths.signedIn}`],
        logoutUrls: [`${siteUrl}${signInPaths.signedOut}`],
      },
      supportedIdentityProviders: [UserPoolClientIdentityProvider.COGNITO],
      accessTokenValidity: Duration.hours(1),
      idTokenValidity: Duration.hours(1),
      refreshTokenValidity: Duration.days(30),
    });
  }

  /** Checks access tokens. The pool's keys and UserInfo are public; only the memory of names needs a permission. */
  grantVerify(fn: GastownFunction): void {
    fn.set({
      GASTOWN_SIGN_IN_ISSUER: `https://cognito-idp.${Aws.REGION}.${Aws.URL_SUFFIX}/${this.pool.userPoolId}`,
      GASTOWN_USER_INFO_URL: `${this.url}/oauth2/userInfo`,
      GASTOWN_NO_REPLY_DOMAIN: `users.noreply.${this.props.deploymentName}.invalid`,
    });
    this.props.files.grantUse(fn);
  }
}
