import { join } from 'node:path';
import { Aws, Duration, Names, RemovalPolicy, Stack } from 'aws-cdk-lib';
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
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment';
import { Construct } from 'constructs';
import { pageFolder, pageHeaders } from './artifacts.ts';
import { acknowledgeWeb } from './nag-suppressions.ts';
import { type PageConfig, withHosts } from './page-config.ts';

const LONGEST_REGION = 'ap-northeast-1'.length;

/** A name that is unique across regions, as CloudFront's names are per account. @param maxLength characters */
const nameHere = (scope: Construct, maxLength: number): string =>
  `${Names.uniqueResourceName(scope, { maxLength: maxLength - LONGEST_REGION - 1, separator: '-' })}-${Aws.REGION}`;

/** The page: files in a private bucket behind CloudFront, and the socket's address in `config.json`. */
export class Web extends Construct {
  /** The page's origin. */
  readonly origin: string;

  /** @param socketUrl the URL that the page connects to */
  constructor(scope: Construct, id: string, socketUrl: string, config: PageConfig) {
    super(scope, id);
    const bucket = new Bucket(this, 'Files', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      // Everything in it can be rebuilt. A bucket that isn't empty can't be deleted.
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
        // The headers that the page's files need, set below.
        cachePolicy: CachePolicy.CACHING_OPTIMIZED,
        compress: true,
        responseHeadersPolicy: this.#headers(socketUrl, config),
      },
    });
    const common = { destinationBucket: bucket, prune: false };
    const page = pageFolder();
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
    acknowledgeWeb(this, bucket);
    this.origin = `https://${distribution.distributionDomainName}`;
  }

  /** The headers that the local cloud sends with the page, too (bin/page.ts). */
  #headers(socketUrl: string, config: PageConfig): ResponseHeadersPolicy {
    const headers = pageHeaders();
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
