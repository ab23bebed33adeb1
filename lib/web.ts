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
import { acknowledgeWeb } from './acknowledged.ts';
import { isAsked } from './context.ts';
import { temporaryFolder } from './temporary.ts';

const LONGEST_REGION = 'ap-northeast-1'.length;

const root = fileURLToPath(new URL('..', import.meta.url));

/** Whether the page is deployed, too: `-c web=true`. @throws BadContext if the value makes no sense */
export const wantsWeb = (node: Node): boolean => isAsked(node, 'web');

/** Builds the page as `npm start` does. @returns the folder */
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

/** A name that no other deployment has, in any region: CloudFront's are of the whole account. @param most characters */
const nameHere = (scope: Construct, most: number): string =>
  `${Names.uniqueResourceName(scope, { maxLength: most - LONGEST_REGION - 1, separator: '-' })}-${Aws.REGION}`;

/** The page: files in a bucket that nobody else may read, CloudFront before it, and the socket's address in `config.json`. */
export class Web extends Construct {
  /** @param socketUrl where the page's socket connects to */
  constructor(scope: Construct, id: string, socketUrl: string) {
    super(scope, id);
    const bucket = new Bucket(this, 'Files', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      // All of it can be built anew. A bucket that holds something cannot be deleted.
      removalPolicy: RemovalPolicy.DESTROY,
      autoDeleteObjects: true,
    });
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
        // What the files say of themselves, below.
        cachePolicy: CachePolicy.CACHING_OPTIMIZED,
        compress: true,
        responseHeadersPolicy: this.#headers(socketUrl),
      },
    });
    const common = { destinationBucket: bucket, prune: false };
    const page = build();
    // The names of what is in `assets` tell what is in them; all else is asked for each time.
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
        Source.jsonData('config.json', { url: socketUrl }),
      ],
      cacheControl: [CacheControl.noCache()],
      distribution,
      distributionPaths: ['/', '/index.html', '/config.json'],
    });
    // Nobody shall get a page whose assets are not there yet.
    files.node.addDependency(assets);
    acknowledgeWeb(this, Stack.of(this).getLogicalId(bucket.node.defaultChild as CfnBucket));
    new CfnOutput(this, 'PageUrl', {
      value: `https://${distribution.distributionDomainName}`,
      description: 'The page',
    }).overrideLogicalId('PageUrl');
  }

  /** The headers that the page has here, too (bin/page.ts). */
  #headers(socketUrl: string): ResponseHeadersPolicy {
    const headers = JSON.parse(readFileSync(join(root, 'clients/web/headers.json'), 'utf8')) as Record<
      string,
      string
    >;
    // A policy has sources, not paths: the stage is no part of it.
    const origin = socketUrl.replace(/^(wss:\/\/[^/]+)\/.*$/, '$1');
    return new ResponseHeadersPolicy(this, 'Headers', {
      responseHeadersPolicyName: nameHere(this, 128),
      securityHeadersBehavior: {
        contentSecurityPolicy: {
          contentSecurityPolicy: (headers['content-security-policy'] ?? '').replace('SOCKET', origin),
          override: true,
        },
        contentTypeOptions: { override: true },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
        strictTransportSecurity: { accessControlMaxAge: Duration.days(365), override: true },
      },
    });
  }
}
