import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Aws, CfnOutput, Duration, Names, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  CachePolicy,
  Distribution,
  HeadersReferrerPolicy,
  HttpVersion,
  PriceClass,
  ResponseHeadersPolicy,
  S3OriginAccessControl,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { BlockPublicAccess, Bucket, BucketEncryption, type CfnBucket } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment';
import { Construct, type Node } from 'constructs';
import { isEnabled } from './config.ts';
import { acknowledgeWeb } from './nag-suppressions.ts';
import { type PageConfig, pageConfigOf, withHosts } from './page-config.ts';
import { temporaryFolder } from './temporary.ts';

const LONGEST_REGION = 'ap-northeast-1'.length;

const root = fileURLToPath(new URL('..', import.meta.url));

/** Whether to deploy the page too: `-c web=true`. @throws ConfigError if the value is invalid */
export const wantsWeb = (node: Node): boolean => isEnabled(node, 'web');

/** Builds the page like `npm start` does. @returns the folder */
function build(): string {
  const folder = temporaryFolder();
  const vite = fileURLToPath(new URL('../node_modules/vite/bin/vite.js', import.meta.url));
  const flags = [
    'build',
    '--config',
    'clients/web/vite.config.ts',
    '--outDir',
    folder,
    '--logLevel',
    'error',
  ];
  execFileSync(process.execPath, [vite, ...flags], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  return folder;
}

/** A name that is unique across regions, as CloudFront's names are per account. @param maxLength characters */
const nameHere = (scope: Construct, maxLength: number): string =>
  `${Names.uniqueResourceName(scope, { maxLength: maxLength - LONGEST_REGION - 1, separator: '-' })}-${Aws.REGION}`;

/** The page: files in a private bucket behind CloudFront, and the socket's address in `config.json`. */
export class Web extends Construct {
  /** The page's origin. */
  readonly origin: string;

  /** @param socketUrl the URL that the page connects to */
  constructor(scope: Construct, id: string, socketUrl: string) {
    super(scope, id);
    const bucket = new Bucket(this, 'Files', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      // Everything in it can be rebuilt. A bucket that isn't empty can't be deleted.
      removalPolicy: RemovalPolicy.DESTROY,
      autoDeleteObjects: true,
    });
    const config = pageConfigOf((key) => this.node.tryGetContext(key));
    const originAccessControl = new S3OriginAccessControl(this, 'Access', {
      originAccessControlName: nameHere(this, 64),
    });
    const distribution = new Distribution(this, 'Distribution', {
      comment: `${Stack.of(this).stackName}: the page`,
      defaultRootObject: 'index.html',
      httpVersion: HttpVersion.HTTP2_AND_3,
      priceClass: PriceClass.PRICE_CLASS_100,
      defaultBehavior: {
        origin: S3BucketOrigin.withOriginAccessControl(bucket, { originAccessControl }),
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        // The headers that the page's files need, set below.
        cachePolicy: CachePolicy.CACHING_OPTIMIZED,
        compress: true,
        responseHeadersPolicy: this.#headers(socketUrl, config),
      },
    });
    const common = { destinationBucket: bucket, prune: false };
    const page = build();
    // Names in `assets` contain a hash of the content, so they can be cached; everything else is revalidated.
    const assets = new BucketDeployment(this, 'Assets', {
      ...common,
      sources: [Source.asset(join(page, 'assets'))],
      destinationKeyPrefix: 'assets',
      cacheControl: [CacheControl.maxAge(Duration.days(365)), CacheControl.immutable()],
    });
    const files = new BucketDeployment(this, 'Page', {
      ...common,
      sources: [
        Source.asset(page, { exclude: ['assets', 'assets/**'] }),
        Source.jsonData('config.json', { url: socketUrl, ...config }),
      ],
      cacheControl: [CacheControl.noCache()],
      distribution,
      distributionPaths: ['/', '/index.html', '/config.json'],
    });
    // Uploaded last, so that nobody gets a page before its assets are there.
    files.node.addDependency(assets);
    acknowledgeWeb(this, Stack.of(this).getLogicalId(bucket.node.defaultChild as CfnBucket));
    this.origin = `https://${distribution.distributionDomainName}`;
    new CfnOutput(this, 'PageUrl', {
      value: this.origin,
      description: 'The page',
    }).overrideLogicalId('PageUrl');
  }

  /** The headers that the local cloud sends with the page, too (bin/page.ts). */
  #headers(socketUrl: string, config: PageConfig): ResponseHeadersPolicy {
    const headers = JSON.parse(readFileSync(join(root, 'clients/web/headers.json'), 'utf8')) as Record<
      string,
      string
    >;
    // A content security policy has origins without a path, so the stage is left out.
    const origin = socketUrl.replace(/^(wss:\/\/[^/]+)\/.*$/, '$1');
    return new ResponseHeadersPolicy(this, 'Headers', {
      responseHeadersPolicyName: nameHere(this, 128),
      securityHeadersBehavior: {
        contentSecurityPolicy: {
          contentSecurityPolicy: withHosts(headers['content-security-policy'] ?? '', config).replace(
            'SOCKET',
            origin,
          ),
          override: true,
        },
        contentTypeOptions: { override: true },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
        strictTransportSecurity: { accessControlMaxAge: Duration.days(365), override: true },
      },
    });
  }
}
